/* SPDX-License-Identifier: MIT */
/* Folders as ranges of paths: private to store/. */
#pragma once

#include <stddef.h>

/* Paths from <= path < to, compared as bytes. */
struct path_range {
    char *from, *to;
};
/* Gets the paths at or below `root` (NULL: all paths) as one or two ranges in ascending order;
 * returns the number of ranges. */
size_t path_ranges(const char *root, struct path_range ret_ranges[2]);
void path_range_release(struct path_range *range);
