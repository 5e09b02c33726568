/* SPDX-License-Identifier: MIT */
/* Lists the folders that contain photos, and caches the list until the gallery changes: finding
 * them reads the path of every photo, and people and models name folders in many queries. */
#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "store/check.h"
#include "store/store_internal.h"

/* On a server, other programs may change the gallery without counting a change. */
#define KEPT_SECONDS 10.0

struct store_parents {
    char **folders; /* sorted, each once */
    size_t count, cap;
    int64_t change;
    double read; /* clock_seconds */
};

void store_parents_free(struct store_parents *parents)
{
    for (size_t i = 0; parents && i < parents->count; i++)
        free(parents->folders[i]);
    if (parents)
        free(parents->folders);
    free(parents);
}

static int note_folder(void *context, const char *folder)
{
    struct store_parents *parents = context;
    bool is_same = parents->count && strcmp(parents->folders[parents->count - 1], folder) == 0;
    if (is_same)
        return 0;
    ARRAY_GROW(parents->folders, parents->cap, parents->count + 1);
    parents->folders[parents->count++] = xstrdup(folder);
    return 0;
}

static int compare_folders(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void remove_repeated(struct store_parents *parents)
{
    size_t kept = 0;
    if (parents->count > 1)
        qsort(parents->folders, parents->count, sizeof *parents->folders, compare_folders);
    for (size_t i = 0; i < parents->count; i++)
        if (kept && strcmp(parents->folders[kept - 1], parents->folders[i]) == 0)
            free(parents->folders[i]);
        else
            parents->folders[kept++] = parents->folders[i];
    parents->count = kept;
}

static bool is_fresh(const struct store *store, const struct store_parents *parents, int64_t change)
{
    return parents && parents->change == change &&
           (store->backend == &sqlite_backend || clock_seconds() - parents->read < KEPT_SECONDS);
}

/* Takes the list out of the store, so that `each` may list folders too. The change is read before
 * the folders, so that the next call sees a concurrent change. */
static int take_parents(struct store *store, struct store_parents **ret_parents, struct error *err)
{
    int64_t change;
    int rc = store->backend->get_change(store, &change, err);
    if (rc)
        return rc;
    struct store_parents *parents = store->parents;
    store->parents = NULL;
    if (!is_fresh(store, parents, change)) {
        store_parents_free(parents);
        parents = xcalloc(1, sizeof *parents);
        parents->change = change;
        parents->read = clock_seconds();
        rc = store->backend->list_parents(store, note_folder, parents, err);
        remove_repeated(parents);
    }
    if (rc)
        store_parents_free(parents);
    else
        *ret_parents = parents;
    return rc;
}

int store_list_parents(struct store *store, const char *root,
                       int (*each)(void *context, const char *folder), void *context,
                       struct error *err)
{
    struct store_parents *parents;
    int rc = root ? store_check_path(root, err) : 0;
    if (!rc)
        rc = take_parents(store, &parents, err);
    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < parents->count; i++)
        if (!root || path_is_below(parents->folders[i], root))
            rc = each(context, parents->folders[i]);
    store_parents_free(store->parents);
    store->parents = parents;
    return rc;
}
