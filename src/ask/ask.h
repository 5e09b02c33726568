/* SPDX-License-Identifier: MIT */
/* A question about photos becomes an answer that cites photos.
 *
 *     retrieve: search -> the best photos        ask_prepare
 *     outbox:   the data to be sent, the price   ask_outbox; the owner may drop photos
 *     send:     gate -> ledger -> llm            ask_send: streams text, runs the model's tools
 *     answer:   text with [n], checked against the photos that were sent
 *
 *     AUTO(ask) *ask = NULL;
 *     ask_open(store, clip, model_id, llm, &options, &ask, err);
 *     ask_prepare(ask, "What is the dog doing?", err);
 *     ask_outbox(ask)                            show it, ask the owner
 *     ask_send(ask, &events, &answer, err);      the next question starts again at ask_prepare
 *
 * Every byte of a photo that leaves this machine goes through ask/gate.h, which checks the
 * never-send rules and writes the ledger. The photos that the model's tools (search_photos,
 * view_photo) send go through it as well. A struct ask belongs to one thread; it borrows store,
 * clip and llm. */
#pragma once

#include <jansson.h>

#include "ask/outbox.h"
#include "base/principal.h"
#include "clip/clip.h"
#include "llm/llm.h"
#include "store/filter.h"
#include "store/store.h"

struct ask;

#define ASK_MORE_BYTES ((size_t)1000000)

struct ask_options {
    const struct principal *principal; /* the asking principal; never NULL */
    size_t k;                          /* number of initial photos; 0: 5 */
    struct store_filter filter;        /* applies to every search, including the model's own */
    int rounds;                        /* maximum rounds of tool use; 0: 6 */
    bool no_tools;       /* offer the model no tools: it answers from the prepared photos */
    int64_t max_tokens;  /* limit of one reply, including thinking; 0: 8192 */
    const char *effort;  /* as in llm_request */
    const char *purpose; /* for the ledger; NULL: "ask" */
    enum telling facts;  /* the facts sent as text beside the pictures */
    /* Maximum number of photos that the model's tools may add to one question; 0: 10; negative:
     * none. Their total size is limited to ASK_MORE_BYTES times that number. Ignored if the
     * model runs on this machine. */
    int more;
    bool include_weak; /* also use photos that do not match (SEARCH_NONE) */
    /* Called before each photo is read, also by ask_prepare and ask_restore; returning false
     * stops with ERR_CANCELLED. NULL means always true. */
    bool (*proceed)(void *context);
    void *context;
};

/* Copies the options. ERR_INVALID: more photos than the model takes in one request, or an
 * unknown effort. */
int ask_open(struct store *store, struct clip *clip, const char *model_id, struct llm *llm,
             const struct ask_options *options, struct ask **ret_ask, struct error *err) MUST_CHECK;
void ask_close(struct ask *ask); /* NULL is allowed */
DEFINE_AUTO(ask, ask_close)

/* Finds the photos for a question and builds the request. Sends nothing. In a conversation (a
 * second call after ask_send) photos that were already sent are not sent twice. If no photo is
 * near and none was sent before, ask_outbox()->count is 0 and ask_send does not send.
 * ERR_INVALID: an empty or overlong question; ERR_CANCELLED. */
int ask_prepare(struct ask *ask, const char *question, struct error *err) MUST_CHECK;

/* Restricts the next questions to this photo of the gallery, without a search; 0 lifts the
 * restriction. A never-send rule still withholds the photo. */
void ask_about(struct ask *ask, int64_t photo);

/* Whether ask_send would send: photos were found, or the conversation already contains some. */
bool ask_would_send(const struct ask *ask);

/* The photos and facts that the prepared question would send; borrowed until the next call. */
const struct outbox *ask_outbox(const struct ask *ask);
/* Removes a photo from the outbox; the model's tools do not add it again for this question.
 * ERR_NOT_FOUND. */
int ask_drop(struct ask *ask, int64_t photo, struct error *err) MUST_CHECK;

/* Returns the exact body of the first request (llm_body), under the rules that ask_prepare read.
 * The caller frees it. */
int ask_body(const struct ask *ask, char **ret_body, size_t *ret_size,
             struct error *err) MUST_CHECK;

struct ask_events {
    void *context;
    /* A piece of the answer, as it arrives. */
    void (*text)(void *context, const char *text, size_t size);
    /* A complete tool call of the model, before it runs: "search_photos", {"query": ...}. */
    void (*tool)(void *context, const char *name, const json_t *input);
    /* The same call after it has run: one line for people, and the photos that it added. */
    void (*tool_done)(void *context, const char *name, const char *sentence,
                      const struct outbox *added);
    /* A warning, or another attempt and its reason. */
    void (*note)(void *context, const char *sentence);
    bool (*proceed)(void *context); /* as in llm_events */
    /* Called before a tool sends photos beyond the prepared ones; if it returns false, the model
     * is told that the owner declined. NULL: allowed. */
    bool (*approve)(void *context, const struct outbox *added);
    /* The same for photos beyond outbox.more, the limit that the owner was shown; `so_far` of it
     * has been sent. true allows these photos once. NULL: not allowed. */
    bool (*exceed)(void *context, const struct outbox *added, const struct outbox_more *so_far);
};

struct ask_citation {
    int number;          /* [n] in the text */
    int64_t photo;       /* 0: no photo with this number was sent; the text has "[n?]" there */
    const char *path;    /* NULL when photo is 0 */
    const uint8_t *hash; /* [HASH_BYTES] of the content that was sent; NULL when photo is 0 */
    const char *taken;
    double score; /* NAN: not found by a search */
    bool has_box;
    struct {
        double x, y, width, height;
    } box; /* fractions of the upright photo */
};

struct ask_answer {
    char *text;                     /* with [n] for checked citations and [n?] for rejected ones */
    struct ask_citation *citations; /* in order of first appearance */
    size_t count;
    bool nothing_matches;      /* no photo was near, and nothing was sent */
    bool language_unsupported; /* as in outbox: the question's words did not find the photos */
    /* A sentence if the answer is incomplete (cut off, refused ...); NULL if it is complete. */
    char *remark;
    enum llm_stop stop;
    const char *stop_name, *model; /* borrowed from the ask */
    struct llm_usage usage;        /* of all rounds */
    double cost_usd;               /* of all rounds; NAN: unknown */
    int requests;                  /* number of rounds sent */
};
void ask_answer_release(struct ask_answer *answer);

/* Returns the errors of llm_send. Even on failure (ERR_CANCELLED, ERR_NETWORK), the answer holds
 * the text that had arrived, and the caller must release it. */
int ask_send(struct ask *ask, const struct ask_events *events, struct ask_answer *ret_answer,
             struct error *err) MUST_CHECK;

/* The conversation so far as JSON without picture data (photos by id and size: they are rendered
 * again, to the same bytes). ask_restore continues it on a new ask. ERR_CORRUPT; ERR_CANCELLED;
 * a photo that has since disappeared or changed is replaced by a sentence. */
json_t *ask_save(const struct ask *ask);
int ask_restore(struct ask *ask, const json_t *saved, struct error *err) MUST_CHECK;
