/* SPDX-License-Identifier: MIT */
/* A sorted set of absolute paths, with tests for ancestors and descendants. */
#include "indexer/path_set.h"

#include <string.h>

#include "base/memory.h"

void path_set_add(struct path_set *set, const char *path)
{
    ARRAY_GROW(set->paths, set->cap, set->n + 1);
    set->paths[set->n++] = xstrdup(path);
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void path_set_sort(struct path_set *set)
{
    if (set->n == 0)
        return;
    qsort(set->paths, set->n, sizeof *set->paths, compare_paths);
    size_t kept = 1;
    for (size_t i = 1; i < set->n; i++) {
        if (strcmp(set->paths[i], set->paths[kept - 1]) == 0)
            free(set->paths[i]);
        else
            set->paths[kept++] = set->paths[i];
    }
    set->n = kept;
}

struct prefix {
    const char *text;
    size_t length;
};

/* Compares in strcmp order with a key that is a prefix of a longer string. */
static int compare_prefix(const void *key, const void *item)
{
    const struct prefix *prefix = key;
    const char *path = *(char *const *)item;
    int order = strncmp(prefix->text, path, prefix->length);
    return order ? order : path[prefix->length] == '\0' ? 0 : -1;
}

static bool contains_prefix(const struct path_set *set, const char *path, size_t length)
{
    struct prefix key = {path, length};
    return set->n > 0 && bsearch(&key, set->paths, set->n, sizeof *set->paths, compare_prefix);
}

bool path_set_contains(const struct path_set *set, const char *path)
{
    return contains_prefix(set, path, strlen(path));
}

bool path_set_covers(const struct path_set *set, const char *path)
{
    if (set->n == 0)
        return false;
    if (contains_prefix(set, path, 1)) /* the root folder */
        return true;
    for (size_t i = 1; path[i]; i++)
        if (path[i] == '/' && contains_prefix(set, path, i))
            return true;
    return path_set_contains(set, path);
}

void path_set_release(struct path_set *set)
{
    for (size_t i = 0; i < set->n; i++)
        free(set->paths[i]);
    free(set->paths);
    *set = (struct path_set)PATH_SET_INIT;
}
