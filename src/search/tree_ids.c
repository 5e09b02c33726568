/* SPDX-License-Identifier: MIT */
/* Reads lists of photo ids. */
#include "search/tree_ids.h"

void id_list_add(struct id_list *list, int64_t id)
{
    ARRAY_GROW(list->ids, list->cap, list->count + 1);
    list->ids[list->count++] = id;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void id_list_sort(struct id_list *list)
{
    if (list->count > 1)
        qsort(list->ids, list->count, sizeof *list->ids, compare_ids);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (kept == 0 || list->ids[kept - 1] != list->ids[i])
            list->ids[kept++] = list->ids[i];
    list->count = kept;
}

bool id_list_has(const struct id_list *list, int64_t id)
{
    return list->count > 0 &&
           bsearch(&id, list->ids, list->count, sizeof *list->ids, compare_ids) != NULL;
}

void id_list_release(struct id_list *list)
{
    free(list->ids);
    *list = (struct id_list){.ids = NULL};
}

static int add_id(void *context, int64_t id)
{
    id_list_add(context, id);
    return 0;
}

int id_list_read(struct store *store, const struct criteria *where, struct id_list *list,
                 struct error *err)
{
    int rc = store_list_ids(store, &(struct store_filter){.where = where}, add_id, list, err);
    id_list_sort(list);
    return rc;
}
