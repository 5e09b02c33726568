/* SPDX-License-Identifier: MIT */
/* What the files of this module share: the state of one conversation. */
#pragma once

#include "ask/ask.h"
#include "ask/gate.h"
#include "ask/pictures.h"
#include "ask/rule_set.h"

/* The first look at a photo; view_photo goes as far as the model's own limits. */
#define FIRST_LOOK_PX 1568
#define FIRST_LOOK_TOKENS 1568
/* Photos that the model finds itself: enough to choose from. */
#define FOUND_LOOK_PX 1092

/* A photo and its copies elsewhere. */
struct photo_key {
    int64_t id;
    uint8_t hash[HASH_BYTES]; /* zeros: not known */
};

/* Folders with photos, in order of their paths: for words of the model. */
struct ask_folders {
    char **paths;
    size_t count, cap;
    bool loaded;
};
void ask_folders_release(struct ask_folders *folders);

struct ask {
    struct store *store;
    struct clip *clip;
    struct llm *llm;
    char *model_id;
    struct ask_options options; /* its strings are owned here */
    struct llm_limits limits;
    json_t *tools;    /* NULL: the model takes none */
    json_t *messages; /* of all turns that were sent; pictures as placeholders */
    struct pictures pictures;

    /* The prepared question; NULL: none. */
    char *question;
    int64_t about; /* the one photo that the next question is about; 0: those that are found */
    size_t first;  /* pictures from here on are new in it */
    struct photo_key *dropped; /* that the owner took out of it: no tool brings them back */
    size_t n_dropped, cap_dropped;
    int *shown; /* numbers of pictures before that match it */
    size_t n_shown, cap_shown;
    struct outbox outbox;
    struct ask_folders folders; /* as of this question */

    char stop_name[64], model[128]; /* of the last reply */
};

/* The view of a picture that goes in as one of `count`; zeros: as far as the model's limits go. */
struct view_request session_look(const struct ask *ask, int edge_px, int max_tokens, size_t count);

/* Renders the photo as gate_render does, or gate_render_judged, unless the owner has no patience
 * left: ERR_CANCELLED. */
int session_render(const struct ask *ask, const struct store_photo *photo, bool judged,
                   const struct view_request *request, struct view *ret_view,
                   struct error *err) MUST_CHECK;
/* An error of session_render that is not one photo's alone. */
bool session_is_fatal(int rc);

/* Renders the photo and adds it, without a caption; takes *photo. */
int session_add_picture(struct ask *ask, struct store_photo *photo, double score, bool judged,
                        const struct view_request *request, struct error *err) MUST_CHECK;

/* Captions the pictures from `first` on. */
int session_caption(struct ask *ask, size_t first, struct error *err) MUST_CHECK;

/* The last number of a picture that shows all of the photo, or of a copy of it, and stands in the
 * messages, or is to; 0: none. */
int session_number_of(const struct ask *ask, const struct store_photo *photo);

/* Whether the owner took this photo, or a copy of it, out of the question. */
bool session_is_dropped(const struct ask *ask, const struct store_photo *photo);

/* How many pictures stand in the messages, or are to. */
size_t session_images(const struct ask *ask);

/* Makes pictures whose longest side is above edge_px anew; *ret_changed: whether there were any. */
int session_shrink(struct ask *ask, int edge_px, bool *ret_changed, struct error *err) MUST_CHECK;

/* Leaves no more than `count` pictures in the conversation: those of the prepared question from its
 * first on, then the latest before them. The others have a sentence in their place. */
void session_keep(struct ask *ask, size_t count);

/* The prepared turn: {"role": "user", "content": [...]}. */
json_t *session_turn(const struct ask *ask);

/* Fields that hold for every request of the conversation; messages are borrowed. */
struct llm_request session_request(const struct ask *ask, const json_t *messages);

/* Forgets the prepared question and, unless they were sent, its pictures. */
void session_forget_question(struct ask *ask, bool was_sent);

/* What tools may add for a question. */
struct outbox_more ask_more(const struct ask *ask);

/* ---- near.c ---- */

/* Of the photos from `first` on, those that look nearly like one that a rule keeps here: how many,
 * and a sentence about the first to free. */
int near_find(struct ask *ask, size_t first, const struct rule_set *rules, size_t *ret_count,
              char **ret_why, struct error *err) MUST_CHECK;

/* ---- outbox.c ---- */

/* Of the pictures from `first` on, without the body's figures. */
void outbox_list(const struct ask *ask, size_t first, struct outbox *ret_outbox);
/* Of the prepared question, with all figures; keeps what is withheld and unreadable. judged: the
 * rules were asked about its photos a moment ago. */
int outbox_make(struct ask *ask, bool judged, struct error *err) MUST_CHECK;
void outbox_release(struct outbox *outbox);
