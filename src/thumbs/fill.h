/* SPDX-License-Identifier: MIT */
/* Makes the missing thumbnails of a gallery's photos, in parallel. */
#pragma once

#include "store/store.h"
#include "thumbs/thumbs.h"

struct thumbs_fill_report {
    int64_t missing; /* number of photos without both sizes, at the start */
    int64_t made;    /* number of those that now have them */
    int64_t failed;  /* photos that are gone, changed or no longer readable */
    bool is_full;    /* stopped because more would have evicted others */
    double seconds;
};

struct thumbs_fill_options {
    int threads; /* 0: one per processor */
    /* Both are called from the calling thread, about 10 times a second; may be NULL. */
    void (*progress)(void *context, const struct thumbs_fill_report *so_far);
    bool (*cancelled)(void *context);
    void *context;
};

/* Makes those of all photos at or below `roots`. A photo that cannot be read is only counted.
 * ERR_CANCELLED, with finished thumbnails kept and *ret_report filled; errors of the store. */
int thumbs_fill(struct thumbs *thumbs, struct store *store, const char *const *roots,
                size_t n_roots, const struct thumbs_fill_options *options,
                struct thumbs_fill_report *ret_report, struct error *err) MUST_CHECK;
