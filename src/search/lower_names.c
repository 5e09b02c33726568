/* SPDX-License-Identifier: MIT */
/* Finds the labels and folders that a query names. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "base/text.h"
#include "query/label_name.h"
#include "search/folder.h"
#include "search/lower.h"
#include "store/labels.h"
#include "store/listing.h"

/* ---- labels ---- */

struct label_search {
    const char *folded;
    bool found;
    struct suggestion near;
    char *near_folded, *near_name; /* owned */
};

static int compare_label(void *context, const struct store_name *name)
{
    struct label_search *search = context;
    search->found |= strcmp(name->folded, search->folded) == 0;
    const char *best = search->near.best;
    suggestion_consider(&search->near, name->folded);
    if (search->near.best == best)
        return 0;
    free(search->near_folded);
    free(search->near_name);
    search->near.best = search->near_folded = xstrdup(name->folded);
    search->near_name = xstrdup(name->name);
    return 0;
}

int lower_find_label(struct store *store, const char *name, char **ret_near, struct error *err)
{
    AUTO_FREE char *folded = NULL;
    *ret_near = NULL;
    int rc = label_name_fold(name, &folded, err);
    if (rc)
        return rc;
    struct label_search search = {.folded = folded, .near = suggestion_for(folded)};
    rc = store_list_names(store, compare_label, &search, err);
    free(search.near_folded);
    if (!rc && !search.found) {
        AUTO_FREE char *shown = text_printable(name, strlen(name));
        rc = error_set(err, ERR_NOT_FOUND, "no photo has the label %s", shown);
        *ret_near = search.near_name;
        search.near_name = NULL;
    }
    free(search.near_name);
    return rc;
}

/* ---- folders ---- */

void folder_list_release(struct folder_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
    free(list->near);
    *list = (struct folder_list){.paths = NULL};
}

struct folder_search {
    char *folded; /* "/trips" */
    size_t levels;
    struct folder_list *list;
    struct suggestion near;
    char *near_folded, *near_name; /* owned */
};

static void add_folder(struct folder_list *list, const char *path, size_t length)
{
    for (size_t i = 0; i < list->count; i++) {
        size_t known = strlen(list->paths[i]);
        if (known <= length && strncmp(list->paths[i], path, known) == 0 &&
            (known == length || path[known] == '/'))
            return; /* this folder, or one that contains it */
    }
    ARRAY_GROW(list->paths, list->cap, list->count + 1);
    list->paths[list->count++] = xstrndup(path, length);
}

static char *fold_path(const char *path, size_t length)
{
    AUTO_FREE char *printable = text_printable(path, length);
    return text_fold_loosely(printable);
}

static void suggest_folder(struct folder_search *search, const char *folded, const char *path,
                           size_t length)
{
    const char *best = search->near.best;
    suggestion_consider(&search->near, folded + 1);
    if (search->near.best == best)
        return;
    free(search->near_folded);
    free(search->near_name);
    search->near.best = search->near_folded = xstrdup(folded + 1);
    search->near_name = text_printable(path + 1, length - 1);
}

/* Compares the last components of each folder on the way to this one. */
static int compare_folder(void *context, const char *folder)
{
    struct folder_search *search = context;
    for (size_t end = 1; folder[0] == '/' && folder[end - 1]; end++) {
        if (folder[end] != '/' && folder[end] != '\0')
            continue;
        size_t begin = end;
        for (size_t level = 0; level < search->levels && begin > 0; level++)
            for (begin--; begin > 0 && folder[begin] != '/';)
                begin--;
        AUTO_FREE char *folded = fold_path(folder + begin, end - begin);
        if (strcmp(folded, search->folded) == 0)
            add_folder(search->list, folder, end);
        else if (search->list->count == 0)
            suggest_folder(search, folded, folder + begin, end - begin);
    }
    return 0;
}

static size_t count_levels(const char *name)
{
    size_t levels = 1;
    for (; *name; name++)
        levels += *name == '/';
    return levels;
}

static int find_named(struct store *store, const char *value, struct folder_list *list,
                      struct error *err)
{
    size_t length = strlen(value);
    while (length > 0 && value[length - 1] == '/')
        length--;
    AUTO_FREE char *name = xasprintf("/%.*s", (int)length, value);
    AUTO_FREE char *folded = fold_path(name, strlen(name));
    struct folder_search search = {.folded = folded,
                                   .levels = count_levels(name + 1),
                                   .list = list,
                                   .near = suggestion_for(folded + 1)};
    search.near.distance = strlen(folded) / 4 + 1; /* there are many folders */
    int rc = store_list_parents(store, NULL, compare_folder, &search, err);
    free(search.near_folded);
    if (!rc && list->count == 0)
        list->near = search.near_name;
    else
        free(search.near_name);
    return rc;
}

static int found_one(void *context, const struct store_photo *photo)
{
    (void)photo;
    *(bool *)context = true;
    return 0;
}

static int find_at_path(struct lowering *l, const char *value, struct folder_list *list,
                        struct error *err)
{
    char *folder;
    bool has = false;
    int rc = folder_find(l->store, value, l->options->files, &folder, err);
    if (rc)
        return rc;
    struct store_filter filter = {.folder = folder};
    rc = store_list_photos(l->store, &filter, NULL, 0, 1, found_one, &has, err);
    if (!rc && has)
        add_folder(list, folder, strlen(folder));
    free(folder);
    return rc;
}

int lower_find_folders(struct lowering *l, const char *value, struct folder_list *ret_list,
                       struct error *err)
{
    bool is_path = value[0] == '/' || strncmp(value, "~/", 2) == 0 || strcmp(value, "~") == 0;
    bool is_relative = l->options->files && value[0] == '.' &&
                       (strspn(value, ".") == strlen(value) || strchr("./", value[1]));
    int rc = is_path || is_relative ? find_at_path(l, value, ret_list, err)
                                    : find_named(l->store, value, ret_list, err);
    if (rc || ret_list->count)
        return rc;
    AUTO_FREE char *shown = text_printable(value, strlen(value));
    return error_set(err, ERR_NOT_FOUND, "no photo is in a folder %s %s",
                     is_path || is_relative ? "at" : "named", shown);
}
