/* SPDX-License-Identifier: MIT */
/* Reads the filter of a request: folder, from, until and label, in its query string or its body. */
#pragma once

#include <jansson.h>

#include "server/target.h"
#include "store/filter.h"

/* Reads folder, from, until and label from the query string; borrowed from it. ERR_INVALID for a
 * folder that is not an absolute path. */
int read_filter(const struct target *target, struct store_filter *ret_filter,
                struct error *err) MUST_CHECK;
/* Reads the same keys from an object. */
int read_filter_json(const json_t *object, struct store_filter *ret_filter,
                     struct error *err) MUST_CHECK;
