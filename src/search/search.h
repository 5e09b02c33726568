/* SPDX-License-Identifier: MIT */
/* Runs a search: turns a query into ranked photos, with CLIP and the store. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "clip/clip.h"
#include "query/query_tree.h"
#include "search/question.h"
#include "search/strength.h"
#include "store/filter.h"
#include "store/store.h"

struct search_request {
    const char *text; /* a description of the photos; or NULL */
    bool is_question; /* the text is a question: search_question_text reduces it to a description,
                         but names are searched in the whole text (somebody may be called Will) */
    const char *like; /* a picture file to search by example; or NULL */
    const void *like_data; /* the bytes of such a file; or NULL */
    size_t like_size;
    int64_t like_photo; /* the id of a photo to search by, which is not a result; or 0 */
    /* A tree of criteria, texts and pictures (query/query_tree.h); or NULL. Exactly one of text,
     * like, like_data, like_photo and tree is set. */
    const struct query_tree *tree;
    bool only_matching;   /* with a tree: leave out photos with a grade below SEARCH_WEAK, in any
                             order, and search for no names */
    enum query_sort sort; /* with a tree */
    uint64_t seed;        /* of QUERY_SORT_RANDOM */
    /* Photos with the same content count once: of those that are found, the one with the smallest
     * path stands for all. With `all_copies` each of them is a result. */
    bool all_copies;
    size_t k;    /* 1 to LIMIT_RESULTS */
    size_t skip; /* begin with this place (search_result.place), after those of earlier pages, and
                    give at most k - skip results */
    const struct store_filter *filter; /* NULL: every photo */
};

/* Copies of a result that are named; the number of all is always known. */
#define SEARCH_COPIES_NAMED 20

struct search_copy {
    int64_t id;
    char *path; /* owned */
};

struct search_result {
    size_t place; /* among all photos that the search finds, copies included; from 0 */
    struct search_copy *copies; /* other photos of the gallery with the same content, found or not,
                                   in order of path; owned */
    size_t copy_count;          /* at most SEARCH_COPIES_NAMED */
    size_t all_copies;          /* number of all others */
    double score; /* cosine similarity; for a tree that is not a plain search its grade, in the unit
                     of search_contrast; NAN if the photo is SURE */
    enum search_strength strength; /* SEARCH_STRONG if the photo is SURE */
    bool sure;                     /* criteria selected the photo, and nothing graded it */
    char *names; /* labels that the query names and this photo has, joined by ", "; NULL: none */
    struct store_photo photo;
};

struct search_results {
    struct search_result *items; /* first photos with a label that the query names; then by score,
                                    ties by path (see search/rank.h for details) */
    size_t count;
    size_t ranked;  /* number of the k best that exist, including the skipped ones and copies */
    bool truncated; /* the text was longer than the model's context */
    bool language_unsupported; /* most of the text, except names of labels, is in a script or a
                                  language that the model does not read: all are SEARCH_NONE */
    const char *language;      /* ... which is this one ("German"); NULL: a script */
    bool partly_unread;        /* some of it is; those words were removed */
};

/* ERR_INVALID: an empty query or not UTF-8, or an invalid filter; ERR_MISMATCH: a gallery of
 * another model; the errors of cage_decode for `like`, with the name of the file. An empty gallery
 * gives 0 results. `clip` may be NULL for a tree without wanted parts. */
int search_run(struct store *store, struct clip *clip, const char *model_id,
               const struct search_request *request, struct search_results *ret_results,
               struct error *err) MUST_CHECK;
void search_result_release(struct search_result *result); /* leaves its photo without a path */
void search_results_release(struct search_results *results);

/* Returns the message for language_unsupported, a sentence without a final full stop; the caller
 * frees it. `language` as in the results. */
char *search_unsupported_remark(const char *language);
/* The message for partly_unread. */
extern const char search_unread_remark[];

/* Returns false if nothing in the gallery matches: every photo is SEARCH_NONE, and none has a name
 * that occurs in the query. */
bool search_has_match(const struct search_results *results);

/* ERR_MISMATCH unless the gallery's vectors are of this model. */
int search_check_model(struct store *store, const struct clip *clip, const char *model_id,
                       struct error *err) MUST_CHECK;

/* Returns whether most of a well-formed text is in scripts and in the language of the model's
 * training data; otherwise *ret_language is that language, or NULL if it is a script. */
bool search_reads_text(const struct clip *clip, const char *text, const char **ret_language);

/* Computes the unit vector ret_vector [clip_dim] of the bytes of a picture file. Errors as
 * cage_decode. */
int search_embed_picture(struct clip *clip, const void *data, size_t size, float *ret_vector,
                         struct error *err) MUST_CHECK;
/* Computes the unit vector ret_vector [clip_dim] of a picture file. Errors as file_read and
 * cage_decode, with the name of the file. */
int search_embed_file(struct clip *clip, const char *path, float *ret_vector,
                      struct error *err) MUST_CHECK;
