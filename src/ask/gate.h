/* SPDX-License-Identifier: MIT */
/* The one place that every sender of photos passes: ask, mcp, server.
 *
 * A photo is rendered only when no never-send rule covers it, and the rules are asked again before
 * each request: one that was made meanwhile holds at once. Each HTTP attempt is written into the
 * ledger before its first byte leaves; when that fails, nothing leaves.
 *
 * With a struct llm, gate_send does it all. A sender that hands pictures to somebody else (mcp):
 *
 *     gate_render(store, &photo, &request, &view, err)                        ERR_DENIED: a rule
 *     gate_record_sent(store, &parcel, name, err)           then, and only then, the bytes leave
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

/* The rule that covers the photo, or the file that its path leads to by links, as a phrase to free
 * ("the folder /home/ana/private"); NULL: it may leave. ERR_NOT_FOUND: no such photo. */
int gate_rule(struct store *store, int64_t photo, char **ret_phrase, struct error *err) MUST_CHECK;

/* The same of n photos at the cost of one. */
struct gate_verdict {
    bool is_gone; /* the gallery has no such photo */
    char *phrase; /* as gate_rule; to free */
};
int gate_rules(struct store *store, const int64_t *photos, size_t n,
               struct gate_verdict *ret_verdicts, struct error *err) MUST_CHECK;

/* view_render of a photo's file, which must have the content that the gallery knows. ERR_DENIED
 * when a rule keeps the photo here; what photo_file_read and view_render report, with the file
 * named. */
int gate_render(struct store *store, const struct store_photo *photo,
                const struct view_request *request, struct view *ret_view,
                struct error *err) MUST_CHECK;

/* The same for a photo of which the rules, loaded for this very retrieval, have just said that it
 * may leave: they were asked about many photos together. */
int gate_render_judged(const struct store_photo *photo, const struct view_request *request,
                       struct view *ret_view, struct error *err) MUST_CHECK;

/* ---- with a struct llm ---- */

/* What a request would carry, for the outbox. */
struct gate_load {
    size_t body_bytes;
    size_t image_bytes;   /* of all pictures, as base64 */
    int64_t image_tokens; /* of all pictures, exactly */
    int64_t input_tokens; /* with the text, estimated */
    /* The same by its price: nothing of it is taken for cached already. */
    struct llm_usage input;
    double cost_usd; /* of input_tokens; NAN: not known */
};

/* request->messages with placeholders for pictures; what llm_body and llm_send get has the pixels,
 * or a sentence where a rule covers the photo by now. judged: the rules were asked about all
 * pictures a moment ago. */
int gate_body(struct store *store, struct llm *llm, const struct llm_request *request,
              const struct pictures *pictures, bool judged, char **ret_body, size_t *ret_size,
              struct gate_load *ret_load, struct error *err) MUST_CHECK;

/* For whom something leaves, and what for. */
struct gate_sender {
    const struct principal *principal;
    const char *purpose; /* "ask", "mcp" */
};

/* As llm_send. ERR_IO, with nothing sent, when the ledger cannot be written. */
int gate_send(struct store *store, struct llm *llm, const struct gate_sender *sender,
              const struct llm_request *request, const struct pictures *pictures,
              const struct llm_events *events, struct llm_reply *ret_reply,
              struct error *err) MUST_CHECK;

/* ---- the ledger ---- */

#define GATE_NAME_SIZE 33

struct gate_parcel {
    struct gate_sender sender;
    const char *provider, *host, *model; /* to whom */
    const json_t *photos;                /* array of gate_photo_json */
    unsigned facts;                      /* enum fact that go with them as text */
    size_t bytes;                        /* of all that leaves */
    double cost_usd;                     /* estimated; NAN: not known */
};

/* One entry for gate_parcel.photos. */
json_t *gate_photo_json(const struct store_photo *photo, const struct view *view);

/* Commits LEDGER_SENT; ret_name is what the two entries share. */
int gate_record_sent(struct store *store, const struct gate_parcel *parcel,
                     char ret_name[GATE_NAME_SIZE], struct error *err) MUST_CHECK;
/* event: LEDGER_ANSWERED or LEDGER_FAILED; usage may be NULL. cost_usd NAN of a failure: it may
 * have cost what was estimated. */
int gate_record_end(struct store *store, const struct gate_parcel *parcel, const char *name,
                    enum ledger_event event, const struct llm_usage *usage, double cost_usd,
                    const char *detail, struct error *err) MUST_CHECK;
