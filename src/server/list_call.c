/* SPDX-License-Identifier: MIT */
/* The common beginning of all list handlers. */
#include "server/list_call.h"

#include "search/folder.h"
#include "server/read_filter.h"

static int read_numbers(const struct target *target, const struct list_shape *shape,
                        struct list_call *list, struct error *err)
{
    int64_t count = 0;
    int rc = shape->most ? target_get_count(target, shape->most, shape->usual, &count, err) : 0;
    if (!rc && shape->number)
        rc = target_get_int(target, shape->number, shape->number_min, shape->number_max, 0,
                            &list->number, err);
    list->count = (size_t)count;
    return rc;
}

/* Finds the gallery's spelling of the folder that a client named. */
static int find_folder(struct call *call, struct list_call *list, struct error *err)
{
    char *folder;
    if (!list->filter.folder)
        return 0;
    int rc = folder_find(list->store, list->filter.folder, false, &folder, err);
    if (rc)
        return rc;
    free(call->folder);
    list->filter.folder = call->folder = folder;
    return 0;
}

int list_begin(struct call *call, const struct list_shape *shape, struct list_call *ret_list,
               struct error *err)
{
    struct list_call list = {.store = NULL};
    int rc = shape->filtered ? read_filter(&call->target, &list.filter, err) : 0;
    if (!rc)
        rc = read_numbers(&call->target, shape, &list, err);
    if (!rc)
        rc = call_store(call, &list.store, err);
    if (!rc)
        rc = find_folder(call, &list, err);
    if (!rc)
        *ret_list = list;
    return rc;
}
