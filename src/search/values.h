/* SPDX-License-Identifier: MIT */
/* Lists the values that a criterion can have in a gallery, with the number of photos, to complete
 * what a person types. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

struct search_value {
    const char *text; /* as it is written after the colon, without quotation marks; borrowed */
    int64_t photos;   /* that have it; -1: not counted */
};

/* Lists at most `limit` values of the criterion with this keyword ("in", "camera", "label" ...)
 * that have a word which begins with `prefix` ("": all), ignoring case, accents and width: first
 * those that begin with it, then by the number of photos, the most first. Values that no photo has
 * are left out. A criterion without a list of values, such as date:, has none. *ret_more says
 * whether there are more. A non-zero return value of `each` ends the iteration and is returned.
 * ERR_INVALID: there is no such criterion. */
int search_list_values(struct store *store, const char *keyword, const char *prefix, size_t limit,
                       int (*each)(void *context, const struct search_value *value), void *context,
                       bool *ret_more, struct error *err) MUST_CHECK;
