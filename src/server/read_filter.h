/* SPDX-License-Identifier: MIT */
/* The filter of a request: folder, from, until and label, in its address or its body. */
#pragma once

#include <jansson.h>

#include "server/target.h"
#include "store/filter.h"

/* folder, from, until and label of the query; borrowed from it. ERR_INVALID for a folder that is
 * not an absolute path. */
int read_filter(const struct target *target, struct store_filter *ret_filter,
                struct error *err) MUST_CHECK;
/* The same keys of an object. */
int read_filter_json(const json_t *object, struct store_filter *ret_filter,
                     struct error *err) MUST_CHECK;
