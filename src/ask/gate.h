/* SPDX-License-Identifier: MIT */
/* The gate, through which every sender of photos goes: ask, mcp, server.
 *
 * A photo is rendered only if no never-send rule covers it, and the rules are checked again
 * before each request, so that a new rule takes effect immediately. Each HTTP attempt is written
 * to the ledger before its first byte is sent; if that fails, nothing is sent.
 *
 * With a struct llm, gate_send does all of this. A sender that passes pictures to another
 * program (mcp) calls:
 *
 *     gate_render(store, &photo, &request, &view, err)                        ERR_DENIED: a rule
 *     gate_record_sent(store, &parcel, name, err)           then, and only then, send the bytes
 *     gate_record_end(store, &parcel, name, LEDGER_ANSWERED, NULL, cost, "", err) */
#pragma once

#include <jansson.h>

#include "ask/pictures.h"
#include "ask/telling.h"
#include "ask/view.h"
#include "base/principal.h"
#include "llm/llm.h"
#include "store/ledger.h"
#include "store/store.h"

/* Returns the rule that covers the photo, or the file that its path links to, as a phrase that
 * the caller frees ("the folder /home/ana/private"); NULL: it may be sent. ERR_NOT_FOUND: no
 * such photo. */
int gate_rule(struct store *store, int64_t photo, char **ret_phrase, struct error *err) MUST_CHECK;

/* The same for n photos at the cost of one. */
struct gate_verdict {
    bool is_gone; /* the gallery has no such photo */
    char *phrase; /* as gate_rule returns it; the caller frees */
};
int gate_rules(struct store *store, const int64_t *photos, size_t n,
               struct gate_verdict *ret_verdicts, struct error *err) MUST_CHECK;

/* Calls view_render on a photo's file, whose content must be the one recorded in the gallery.
 * ERR_DENIED if a rule withholds the photo; the errors of photo_file_read and view_render, which
 * name the file. */
int gate_render(struct store *store, const struct store_photo *photo,
                const struct view_request *request, struct view *ret_view,
                struct error *err) MUST_CHECK;

/* The same for a photo that the rules, loaded for this retrieval, have just allowed: they were
 * checked for many photos together. */
int gate_render_judged(const struct store_photo *photo, const struct view_request *request,
                       struct view *ret_view, struct error *err) MUST_CHECK;

/* ---- with a struct llm ---- */

/* The size and cost of a request, for the outbox. */
struct gate_load {
    size_t body_bytes;
    size_t image_bytes;   /* of all pictures, as base64 */
    int64_t image_tokens; /* of all pictures, exactly */
    int64_t input_tokens; /* including the text; an estimate */
    /* input_tokens as they are priced: none of them counts as cached. */
    struct llm_usage input;
    double cost_usd; /* of input_tokens; NAN: unknown */
};

/* request->messages has placeholders for pictures; llm_body and llm_send get the pixels, or a
 * sentence if a rule now covers the photo. judged: the rules have just been checked for all
 * pictures. */
int gate_body(struct store *store, struct llm *llm, const struct llm_request *request,
              const struct pictures *pictures, bool judged, char **ret_body, size_t *ret_size,
              struct gate_load *ret_load, struct error *err) MUST_CHECK;

/* The principal for whom data is sent, and the purpose. */
struct gate_sender {
    const struct principal *principal;
    const char *purpose; /* "ask", "mcp" */
};

/* Returns the errors of llm_send. ERR_IO, with nothing sent, if the ledger cannot be written. */
int gate_send(struct store *store, struct llm *llm, const struct gate_sender *sender,
              const struct llm_request *request, const struct pictures *pictures,
              const struct llm_events *events, struct llm_reply *ret_reply,
              struct error *err) MUST_CHECK;

/* ---- the ledger ---- */

#define GATE_NAME_SIZE 33

struct gate_parcel {
    struct gate_sender sender;
    const char *provider, *host, *model; /* the recipient */
    const json_t *photos;                /* array of gate_photo_json objects */
    unsigned facts;                      /* enum fact, of the facts sent with them as text */
    size_t bytes;                        /* total size of the data sent */
    double cost_usd;                     /* estimated; NAN: unknown */
};

/* One entry for gate_parcel.photos. */
json_t *gate_photo_json(const struct store_photo *photo, const struct view *view);

/* Commits LEDGER_SENT; ret_name is the name that both entries share. */
int gate_record_sent(struct store *store, const struct gate_parcel *parcel,
                     char ret_name[GATE_NAME_SIZE], struct error *err) MUST_CHECK;
/* Commits the second entry. event: LEDGER_ANSWERED or LEDGER_FAILED; usage may be NULL. A
 * failure with cost_usd NAN may have cost the estimated amount. */
int gate_record_end(struct store *store, const struct gate_parcel *parcel, const char *name,
                    enum ledger_event event, const struct llm_usage *usage, double cost_usd,
                    const char *detail, struct error *err) MUST_CHECK;
