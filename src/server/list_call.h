/* SPDX-License-Identifier: MIT */
/* What the handler of a list begins with: how many are wanted, from where on, of which photos, and
 * the gallery that has them.
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
    int64_t most, usual; /* of "count", which may also be called "limit"; 0: it is not taken */
    const char *number;  /* a whole number besides, such as "cursor"; NULL: none */
    int64_t number_min, number_max;
    bool filtered; /* folder, from, until and label are taken */
};

struct list_call {
    struct store *store; /* of the thread that runs the call */
    size_t count;
    int64_t number;             /* 0 when it was not given */
    struct store_filter filter; /* its folder as the gallery knows it (search/folder.h), valid as
                                   long as the call; empty when the shape is not filtered */
};

/* ERR_INVALID, naming the parameter, for what is not as the shape says; what call_store reports. */
int list_begin(struct call *call, const struct list_shape *shape, struct list_call *ret_list,
               struct error *err) MUST_CHECK;
