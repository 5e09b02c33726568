/* SPDX-License-Identifier: MIT */
/* JSON: jansson with limits, duplicate keys refused, and errors that name the file and the key.
 * Each getter sets ERR_CORRUPT "WHERE: key ..." when the value has the wrong type or range. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* `where` names the source in errors. The caller releases with json_decref. */
int json_read_bytes(const void *data, size_t size, const char *where, json_t **ret_root,
                    struct error *err) MUST_CHECK;
/* ERR_NOT_FOUND, ERR_LIMIT past max_bytes, ERR_CORRUPT. */
int json_read_file(const char *path, size_t max_bytes, json_t **ret_root,
                   struct error *err) MUST_CHECK;

int json_get_int(const json_t *object, const char *key, int64_t min, int64_t max, const char *where,
                 int64_t *ret_value, struct error *err) MUST_CHECK;
int json_get_number(const json_t *object, const char *key, const char *where, double *ret_value,
                    struct error *err) MUST_CHECK;
/* Borrowed from the object. */
int json_get_string(const json_t *object, const char *key, const char *where, const char **ret_text,
                    struct error *err) MUST_CHECK;
int json_get_object(const json_t *object, const char *key, const char *where, json_t **ret_object,
                    struct error *err) MUST_CHECK;

/* Sets object[key] to text of unknown origin, such as a path. JSON cannot hold every file name:
 * malformed bytes become U+FFFD, and KEY_base64 then holds the exact bytes. */
void json_set_text(json_t *object, const char *key, const char *text);

static inline void json_auto_decref(json_t **owned)
{
    json_decref(*owned);
}
#define AUTO_JSON __attribute__((cleanup(json_auto_decref))) json_t
