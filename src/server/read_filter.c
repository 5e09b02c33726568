/* SPDX-License-Identifier: MIT */
/* Reads the filter of a request: folder, from, until and label. */
#include "server/read_filter.h"

#include <string.h>

#define FILTER_KEYS 4

static const char *const filter_keys[FILTER_KEYS] = {"folder", "from", "until", "label"};

static int fill_filter(const char *const values[FILTER_KEYS], struct store_filter *ret_filter,
                       struct error *err)
{
    for (size_t i = 0; i < FILTER_KEYS; i++)
        if (values[i] && !values[i][0])
            return error_set(err, ERR_INVALID, "'%s' is empty: leave it out", filter_keys[i]);
    if (values[0] && values[0][0] != '/' && strncmp(values[0], "~/", 2) != 0)
        return error_set(err, ERR_INVALID, "'folder' must be an absolute path");
    *ret_filter = (struct store_filter){
        .folder = values[0], .from = values[1], .until = values[2], .label = values[3]};
    return 0;
}

int read_filter(const struct target *target, struct store_filter *ret_filter, struct error *err)
{
    const char *values[FILTER_KEYS];
    for (size_t i = 0; i < FILTER_KEYS; i++)
        values[i] = target_get(target, filter_keys[i]);
    return fill_filter(values, ret_filter, err);
}

int read_filter_json(const json_t *object, struct store_filter *ret_filter, struct error *err)
{
    const char *values[FILTER_KEYS];
    for (size_t i = 0; i < FILTER_KEYS; i++) {
        const json_t *value = json_object_get(object, filter_keys[i]);
        values[i] = json_string_value(value);
        if (value && !values[i])
            return error_set(err, ERR_INVALID, "'%s' is not a text", filter_keys[i]);
    }
    return fill_filter(values, ret_filter, err);
}
