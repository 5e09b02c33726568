/* SPDX-License-Identifier: MIT */
/* The state of one conversation, shared by the files of this module. */
#pragma once

#include "ask/ask.h"
#include "ask/gate.h"
#include "ask/pictures.h"
#include "ask/rule_set.h"

/* The size of a photo when it is first sent; view_photo goes up to the model's own limits. */
#define FIRST_LOOK_PX 1568
#define FIRST_LOOK_TOKENS 1568
/* The size of photos that the model's own searches find: sufficient to choose from. */
#define FOUND_LOOK_PX 1092

/* Identifies a photo and its copies. */
struct photo_key {
    int64_t id;
    uint8_t hash[HASH_BYTES]; /* zeros: unknown */
};

struct ask {
    struct store *store;
    struct clip *clip;
    struct llm *llm;
    char *model_id;
    struct ask_options options; /* owns its strings */
    struct llm_limits limits;
    json_t *tools;    /* NULL: the model takes no tools */
    json_t *messages; /* of all turns sent so far; pictures as placeholders */
    struct pictures pictures;

    /* The prepared question; NULL if there is none. */
    char *question;
    int64_t about; /* the only photo that the next question is about; 0: the photos found */
    size_t first;  /* index of the first picture that is new in this question */
    struct photo_key *dropped; /* photos the owner removed from it; no tool adds them again */
    size_t n_dropped, cap_dropped;
    int *shown; /* numbers of earlier pictures that match it */
    size_t n_shown, cap_shown;
    struct outbox outbox;

    char stop_name[64], model[128]; /* of the last reply */
};

/* The view of a picture that is sent as one of `count`; zeros: up to the model's limits. */
struct view_request session_look(const struct ask *ask, int edge_px, int max_tokens, size_t count);

/* Renders the photo as gate_render or gate_render_judged does. ERR_CANCELLED if options.proceed
 * returns false. */
int session_render(const struct ask *ask, const struct store_photo *photo, bool judged,
                   const struct view_request *request, struct view *ret_view,
                   struct error *err) MUST_CHECK;
/* Whether an error of session_render concerns more than one photo. */
bool session_is_fatal(int rc);

/* Renders the photo and adds it without a caption; takes ownership of *photo. */
int session_add_picture(struct ask *ask, struct store_photo *photo, double score, bool judged,
                        const struct view_request *request, struct error *err) MUST_CHECK;

/* Captions the pictures from index `first` on. */
int session_caption(struct ask *ask, size_t first, struct error *err) MUST_CHECK;

/* The number of the last picture that shows all of the photo, or of a copy of it, and is in the
 * messages or will be added to them; 0: none. */
int session_number_of(const struct ask *ask, const struct store_photo *photo);

/* Whether the owner removed this photo, or a copy of it, from the question. */
bool session_is_dropped(const struct ask *ask, const struct store_photo *photo);

/* Number of pictures that are in the messages or will be added to them. */
size_t session_images(const struct ask *ask);

/* Renders the pictures whose longest side exceeds edge_px again; *ret_changed tells whether
 * there were any. */
int session_shrink(struct ask *ask, int edge_px, bool *ret_changed, struct error *err) MUST_CHECK;

/* Keeps at most `count` pictures in the conversation: those of the prepared question from its
 * first on, then the latest ones before them. Each removed picture is replaced by a sentence. */
void session_keep(struct ask *ask, size_t count);

/* The prepared turn: {"role": "user", "content": [...]}. */
json_t *session_turn(const struct ask *ask);

/* The fields common to every request of the conversation; messages are borrowed. */
struct llm_request session_request(const struct ask *ask, const json_t *messages);

/* Discards the prepared question and, unless they were sent, its pictures. */
void session_forget_question(struct ask *ask, bool was_sent);

/* The limit on the photos that tools may add for a question. */
struct outbox_more ask_more(const struct ask *ask);

/* ---- near.c ---- */

/* Among the photos from `first` on, finds those that nearly look like one withheld by a rule:
 * their number, and a sentence about the first one, which the caller frees. */
int near_find(struct ask *ask, size_t first, const struct rule_set *rules, size_t *ret_count,
              char **ret_why, struct error *err) MUST_CHECK;

/* ---- outbox.c ---- */

/* Lists the pictures from `first` on, without the figures of the body. */
void outbox_list(const struct ask *ask, size_t first, struct outbox *ret_outbox);
/* Makes the outbox of the prepared question, with all figures; keeps its withheld and unreadable
 * counts. judged: the rules have just been checked for its photos. */
int outbox_make(struct ask *ask, bool judged, struct error *err) MUST_CHECK;
void outbox_release(struct outbox *outbox);
