/* SPDX-License-Identifier: MIT */
/* The common beginning of list handlers: parses the number of items, the position and the filter,
 * and gets the gallery.
 *
 *     static const struct list_shape shape = {.most = 1000, .usual = 100, .number = "since",
 *                                             .number_max = INT64_MAX};
 *     struct list_call list;
 *     int rc = list_begin(call, &shape, &list, err);
 *     if (!rc)
 *         rc = store_list_...(list.store, list.number, ... list.count ...); */
#pragma once

#include "server/call.h"

struct list_shape {
    int64_t most, usual; /* of "count", also called "limit"; 0: not accepted */
    const char *number;  /* the name of a number besides, such as "cursor"; NULL: none */
    int64_t number_min, number_max;
    bool filtered; /* folder, from, until and label are accepted */
};

struct list_call {
    struct store *store; /* of the thread that runs the call */
    size_t count;
    int64_t number;             /* 0 when it was not given */
    struct store_filter filter; /* its folder is in the gallery's spelling (search/folder.h); valid
                                   as long as the call; empty when the shape is not filtered */
};

/* ERR_INVALID naming the parameter that does not fit the shape; errors of call_store. */
int list_begin(struct call *call, const struct list_shape *shape, struct list_call *ret_list,
               struct error *err) MUST_CHECK;
