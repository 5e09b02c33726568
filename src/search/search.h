/* SPDX-License-Identifier: MIT */
/* A query becomes ranked photos: where CLIP and the store meet. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "clip/clip.h"
#include "query/wanted.h"
#include "search/question.h"
#include "search/strength.h"
#include "store/filter.h"
#include "store/store.h"

struct search_request {
    const char *text;      /* what should be seen; or NULL */
    bool is_question;      /* the text is one: search_question_text of it should be seen, while
                              names are looked for in all of it (somebody may be called Will) */
    const char *like;      /* a picture file to search by example; or NULL */
    const void *like_data; /* the same as bytes of a picture file; or NULL */
    size_t like_size;
    int64_t like_photo;          /* the same as a photo of the gallery, which is left out; or 0 */
    const struct wanted *wanted; /* any tree of them; or NULL. Names of labels are not looked for.
                           Exactly one of text, like, like_data, like_photo and wanted is given. */
    size_t k;                    /* 1 to LIMIT_RESULTS */
    size_t skip; /* of the k best, so many are ranked and left out: of pages before */
    const struct store_filter *filter; /* NULL: every photo */
};

struct search_result {
    double score; /* cosine similarity; of a tree whose parts are graded: its grade, in the unit of
                     search_contrast */
    enum search_strength strength;
    char *names; /* labels of the owner that the query speaks of and this photo has, joined by ", ";
                    NULL: none */
    struct store_photo photo;
};

struct search_results {
    struct search_result *items; /* photos with a label the query names first; then by score, ties
                                    by path (search/rank.h has it in full) */
    size_t count;
    size_t ranked;             /* how many of the k best there are, with those that were skipped */
    bool truncated;            /* the text was longer than the model's context */
    bool language_unsupported; /* most of the text, but names of labels, is in a script that the
                                  model does not read: every photo is SEARCH_NONE */
    bool partly_unread;        /* some of it is: those words were left out */
};

/* ERR_INVALID: an empty query or not UTF-8, or a filter that is not one; ERR_MISMATCH: a gallery of
 * another model; what cage_decode reports for `like`, with the file named. An empty gallery gives
 * 0 results. */
int search_run(struct store *store, struct clip *clip, const char *model_id,
               const struct search_request *request, struct search_results *ret_results,
               struct error *err) MUST_CHECK;
void search_results_release(struct search_results *results);

/* What is to be said of language_unsupported and partly_unread, as sentences without a final stop.
 */
extern const char search_unsupported_remark[], search_unread_remark[];

/* False when nothing in the gallery matches: every photo is SEARCH_NONE, and none has a name that
 * the query speaks of. */
bool search_has_match(const struct search_results *results);

/* Whether most of a well-formed text is in scripts that the model learned. */
bool search_reads_text(const struct clip *clip, const char *text);

/* The unit vector of the bytes of a picture file into ret_vector [clip_dim]. What cage_decode
 * reports. */
int search_embed_picture(struct clip *clip, const void *data, size_t size, float *ret_vector,
                         struct error *err) MUST_CHECK;
/* The unit vector of a picture file into ret_vector [clip_dim]. What file_read and cage_decode
 * report, with the file named. */
int search_embed_file(struct clip *clip, const char *path, float *ret_vector,
                      struct error *err) MUST_CHECK;
