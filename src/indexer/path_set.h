/* SPDX-License-Identifier: MIT */
/* A sorted set of absolute paths, with a test for whether another path is at or below one of them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/path.h"

struct path_set {
    char **paths; /* strcmp order once sorted */
    size_t n, cap;
};

#define PATH_SET_INIT \
    {                 \
        NULL, 0, 0    \
    }

/* Copies `path`. */
void path_set_add(struct path_set *set, const char *path);
/* Sorts and removes duplicates: call it after the last addition and before the first test. */
void path_set_sort(struct path_set *set);
bool path_set_contains(const struct path_set *set, const char *path);
/* Returns true if `path` is in the set or below one of its paths. */
bool path_set_covers(const struct path_set *set, const char *path);
void path_set_release(struct path_set *set);
