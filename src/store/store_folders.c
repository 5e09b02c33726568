/* SPDX-License-Identifier: MIT */
/* Checks the arguments of folders.h, forwards them to the backend, and counts the files below
 * absent folders. */
#include "base/memory.h"
#include "store/check.h"
#include "store/store_internal.h"

int store_set_folders(struct store *store, const struct store_folder *folders, size_t n,
                      struct error *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++)
        rc = store_check_path(folders[i].path, err);
    return rc || !n ? rc : store->backend->set_folders(store, folders, n, err);
}

struct absence_list {
    struct store_absence *items; /* owns their paths */
    size_t n, cap;
};

static int add_absence(void *context, const struct store_folder *folder)
{
    struct absence_list *list = context;
    if (!folder->absent_since)
        return 0;
    ARRAY_GROW(list->items, list->cap, list->n + 1);
    list->items[list->n++] =
        (struct store_absence){.path = xstrdup(folder->path), .since = folder->absent_since};
    return 0;
}

static int count_file(void *context, const struct store_file *file)
{
    struct store_absence *absence = context;
    (void)file;
    absence->files++;
    return 0;
}

int store_list_absences(struct store *store,
                        int (*each)(void *context, const struct store_absence *absence),
                        void *context, struct error *err)
{
    struct absence_list list = {NULL, 0, 0};
    int rc = store_list_folders(store, add_absence, &list, err);
    for (size_t i = 0; i < list.n; i++) {
        struct store_absence *absence = &list.items[i];
        if (!rc)
            rc = store_list_files(store, absence->path, count_file, absence, err);
        if (!rc)
            rc = each(context, absence);
        free((void *)(uintptr_t)absence->path);
    }
    free(list.items);
    return rc;
}
