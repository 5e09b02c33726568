/* SPDX-License-Identifier: MIT */
/* A filter as the backends ask with it: private to store/. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "store/filter.h"

struct bounds {
    bool any; /* something is asked for at all */
    /* Photos with path = folder, or below <= path < past, as bytes. NULL: everywhere. All of them
     * are in folder <= path < past. */
    char *folder, *below, *past;
    /* from <= taken < until, as bytes; "": no such bound. */
    char from[16], until[16];
    char *label; /* folded (text_fold); NULL: any or none */
};

/* ERR_INVALID: a folder that is not absolute, a date that is none, a first day after the last, a
 * name that is none. `filter` may be NULL. */
int bounds_init(const struct store_filter *filter, struct bounds *ret_bounds,
                struct error *err) MUST_CHECK;
void bounds_release(struct bounds *b);

static inline bool bounds_dated(const struct bounds *b)
{
    return b->from[0] || b->until[0];
}
