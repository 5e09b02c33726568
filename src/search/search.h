/* A query becomes ranked photos: where CLIP and the store meet. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "clip/clip.h"
#include "store/store.h"

struct search_request {
    const char *text; /* what should be seen; or NULL */
    const char
        *like; /* a picture file to search by example; or NULL. Exactly one of the two is given. */
    size_t k;  /* 1 to LIMIT_RESULTS */
};

struct search_result {
    double score; /* cosine similarity */
    struct store_photo photo;
};

struct search_results {
    struct search_result *items; /* best first, ties by path */
    size_t count;
    bool truncated; /* the text was longer than the model's context */
};

/* ERR_INVALID: an empty query or not UTF-8; ERR_MISMATCH: a gallery of another model; what
 * image_decode reports for `like`, with the file named. An empty gallery gives 0 results. */
int search_run(struct store *store, struct clip *clip, const char *model_id,
               const struct search_request *request, struct search_results *ret_results,
               struct error *err) MUST_CHECK;
void search_results_release(struct search_results *results);

/* The unit vector of a picture file into ret_vector [clip_dim]. What file_read and image_decode
 * report, with the file named. */
int search_embed_file(struct clip *clip, const char *path, float *ret_vector,
                      struct error *err) MUST_CHECK;
