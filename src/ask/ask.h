/* SPDX-License-Identifier: MIT */
/* A question about photos becomes an answer that cites photos.
 *
 *     retrieve: search -> the best photos       ask_prepare
 *     outbox:   what would leave, for how much  ask_outbox; the owner may drop photos
 *     send:     gate -> ledger -> llm           ask_send: streams text, runs the model's tools
 *     answer:   text with [n], checked against what was sent
 *
 *     AUTO(ask) *ask = NULL;
 *     ask_open(store, clip, model_id, llm, &options, &ask, err);
 *     ask_prepare(ask, "What is the dog doing?", err);
 *     ask_outbox(ask)                                    show it, ask the owner
 *     ask_send(ask, &events, &answer, err);              again from ask_prepare for the next
 * question
 *
 * Every byte of a photo that leaves passes ask/gate.h, which asks the never-send rules and writes
 * the ledger. The model's tools (search_photos, view_photo) pass there too. A struct ask belongs to
 * one thread; it borrows store, clip and llm. */
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
    const struct principal *principal; /* who asks; never NULL */
    size_t k;                          /* photos to begin with; 0: 5 */
    struct store_filter filter;        /* of every search, the model's own included */
    int rounds;                        /* of tool use, at most; 0: 6 */
    bool no_tools;       /* the model is given none: it answers from the prepared photos */
    int64_t max_tokens;  /* of one reply, thinking included; 0: 8192 */
    const char *effort;  /* as llm_request */
    const char *purpose; /* for the ledger; NULL: "ask" */
    enum telling facts;  /* that go beside the pictures, as text */
    int more; /* photos that the model's tools may add for a question; 0: 10; below 0: none.
                 ASK_MORE_BYTES for each of them is the limit of all. Not kept to where the model
                 runs on this machine */
    bool include_weak; /* also photos that do not match (SEARCH_NONE) */
    /* Asked before each photo is read, also by ask_prepare and ask_restore; false: ERR_CANCELLED.
     * NULL: always true. */
    bool (*proceed)(void *context);
    void *context;
};

/* The options are copied. ERR_INVALID: more photos than the model takes in one request, or an
 * effort that is none. */
int ask_open(struct store *store, struct clip *clip, const char *model_id, struct llm *llm,
             const struct ask_options *options, struct ask **ret_ask, struct error *err) MUST_CHECK;
void ask_close(struct ask *ask); /* NULL is fine */
DEFINE_AUTO(ask, ask_close)

/* Finds the photos for a question and makes what would be sent. Sends nothing. In a conversation
 * (a second call after ask_send) photos that were sent before are not sent twice. When nothing is
 * near and none were sent before, ask_outbox()->count is 0 and ask_send does not send. ERR_INVALID:
 * an empty or overlong question; ERR_CANCELLED. */
int ask_prepare(struct ask *ask, const char *question, struct error *err) MUST_CHECK;

/* The next questions are about this photo of the gallery, and no other is searched for; 0: about
 * what is found. A never-send rule keeps it all the same. */
void ask_about(struct ask *ask, int64_t photo);

/* Whether ask_send would send: photos were found, or the conversation has some already. */
bool ask_would_send(const struct ask *ask);

/* What the prepared question would send; borrowed until the next call. */
const struct outbox *ask_outbox(const struct ask *ask);
/* Takes a photo out of it; the model's tools do not bring it back for this question.
 * ERR_NOT_FOUND. */
int ask_drop(struct ask *ask, int64_t photo, struct error *err) MUST_CHECK;

/* The exact body of the first request (llm_body), by the rules as ask_prepare found them. The
 * caller frees. */
int ask_body(const struct ask *ask, char **ret_body, size_t *ret_size,
             struct error *err) MUST_CHECK;

struct ask_events {
    void *context;
    void (*text)(void *context, const char *text, size_t size); /* of the answer, as it arrives */
    /* A tool call of the model, complete, before it is run: "search_photos", {"query": ...}. */
    void (*tool)(void *context, const char *name, const json_t *input);
    /* The same call when it is done: one line for people, and the photos that it adds. */
    void (*tool_done)(void *context, const char *name, const char *sentence,
                      const struct outbox *added);
    void (*note)(void *context, const char *sentence); /* another attempt, and why; a warning */
    bool (*proceed)(void *context);                    /* as llm_events */
    /* Photos beyond the prepared ones are about to be sent by a tool; false: the model is told that
     * the owner declined. NULL: allowed. */
    bool (*approve)(void *context, const struct outbox *added);
    /* The same for those beyond outbox.more, which the owner was told of; `so_far` were sent of it.
     * true: they may go, this once. NULL: they may not. */
    bool (*exceed)(void *context, const struct outbox *added, const struct outbox_more *so_far);
};

struct ask_citation {
    int number;          /* [n] in the text */
    int64_t photo;       /* 0: nothing with this number was sent; the text has "[n?]" there */
    const char *path;    /* NULL when photo is 0 */
    const uint8_t *hash; /* [HASH_BYTES] of the content that was sent; NULL when photo is 0 */
    const char *taken;
    double score; /* NAN: it came by no search */
    bool has_box;
    struct {
        double x, y, width, height;
    } box; /* fractions of the upright photo */
};

struct ask_answer {
    char *text; /* with [n] for checked citations and [n?] for those that were rejected */
    struct ask_citation *citations; /* in order of first appearance */
    size_t count;
    bool nothing_matches;      /* nothing was near, and nothing was sent */
    bool language_unsupported; /* as outbox: the photos were not found by the question's words */
    char *remark; /* a sentence when the answer is not whole: cut off, refused ...; NULL: it is */
    enum llm_stop stop;
    const char *stop_name, *model; /* borrowed from the ask */
    struct llm_usage usage;        /* of all rounds */
    double cost_usd;               /* of all rounds; NAN: not known */
    int requests;                  /* rounds that were sent */
};
void ask_answer_release(struct ask_answer *answer);

/* As llm_send for errors; the answer holds what arrived also then (ERR_CANCELLED, ERR_NETWORK), and
 * releasing it is always right. */
int ask_send(struct ask *ask, const struct ask_events *events, struct ask_answer *ret_answer,
             struct error *err) MUST_CHECK;

/* The conversation so far as JSON without picture data (photos by id and size: they are rendered
 * again, to the same bytes). ask_restore on a new ask goes on with it. ERR_CORRUPT; ERR_CANCELLED;
 * photos that are gone or changed meanwhile are replaced by a sentence. */
json_t *ask_save(const struct ask *ask);
int ask_restore(struct ask *ask, const json_t *saved, struct error *err) MUST_CHECK;
