/* SPDX-License-Identifier: MIT */
/* Computes the ranges of paths at or below a folder, for SQL. */
#include "store/path_range.h"

#include <string.h>

#include "base/memory.h"

/* The paths below "/a" are those from "/a/" to just before "/a0", where '0' is the byte after '/'.
 * The range from "/a" to just before "/a\1" contains only "/a" itself. */
size_t path_ranges(const char *root, struct path_range ret_ranges[2])
{
    size_t length = root ? strlen(root) : 0, n = 0;
    while (length && root[length - 1] == '/')
        length--;
    AUTO_FREE char *stem = xstrndup(root ? root : "", length);
    if (length) {
        ret_ranges[n].from = xstrdup(stem);
        ret_ranges[n++].to = xasprintf("%s\1", stem);
    }
    ret_ranges[n].from = xasprintf("%s/", stem);
    ret_ranges[n++].to = xasprintf("%s0", stem);
    return n;
}

void path_range_release(struct path_range *range)
{
    free(range->from);
    free(range->to);
    *range = (struct path_range){NULL, NULL};
}
