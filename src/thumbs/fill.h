/* SPDX-License-Identifier: MIT */
/* Makes the thumbnails that a gallery's photos lack, in parallel. */
#pragma once

#include "store/store.h"
#include "thumbs/thumbs.h"

struct thumbs_fill_report {
    int64_t missing; /* photos without both sizes, at the start */
    int64_t made;    /* of them */
    int64_t failed;  /* gone, changed or no longer readable */
    bool is_full;    /* more would have pushed others out */
    double seconds;
};

struct thumbs_fill_options {
    int threads; /* 0: one per processor */
    /* Both from the calling thread, about 10 times a second; may be NULL. */
    void (*progress)(void *context, const struct thumbs_fill_report *so_far);
    bool (*cancelled)(void *context);
    void *context;
};

/* Of all photos at or below `roots`. A photo that cannot be read is only counted. ERR_CANCELLED
 * with what was made kept and *ret_report filled; errors of the store. */
int thumbs_fill(struct thumbs *thumbs, struct store *store, const char *const *roots,
                size_t n_roots, const struct thumbs_fill_options *options,
                struct thumbs_fill_report *ret_report, struct error *err) MUST_CHECK;
