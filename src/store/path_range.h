/* SPDX-License-Identifier: MIT */
/* Folders as ranges of paths: private to store/. */
#pragma once

#include <stddef.h>

/* Paths from <= path < to, compared as bytes. */
struct path_range {
    char *from, *to;
};
/* "At or below root" (NULL: everywhere) as one or two ranges in ascending order; returns how many.
 */
size_t path_ranges(const char *root, struct path_range ret_ranges[2]);
void path_range_release(struct path_range *range);
