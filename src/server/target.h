/* SPDX-License-Identifier: MIT */
/* Parses the target of a request, "/api/v1/search?q=two%20dogs&limit=5". Only the query string is
 * decoded: percent escapes, and '+' as forms send it. The path is compared as it came, so that no
 * two spellings mean the same. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define TARGET_PARAMETERS_MAX 32

struct target_parameter {
    const char *name, *value; /* UTF-8, without NUL */
};

struct target {
    char *path; /* up to the '?', not decoded */
    struct target_parameter parameters[TARGET_PARAMETERS_MAX];
    size_t count;
    char *decoded; /* backing store of the parameters */
};

/* ERR_INVALID: a target that does not begin with a slash, an invalid escape, an escaped NUL, text
 * that is not UTF-8, a repeated parameter, or too many of them. */
int target_parse(const char *target, struct target *ret_target, struct error *err) MUST_CHECK;
void target_release(struct target *parsed);

/* NULL when it is missing; "" when it has no value. */
const char *target_get(const struct target *parsed, const char *name);
/* The query string without one parameter, escaped again: "q=two%20dogs"; "" when empty. The caller
 * frees. */
char *target_without(const struct target *parsed, const char *name);
/* ERR_INVALID, naming the parameter, when it is not a whole number from min to max. When it is
 * missing, *ret becomes `otherwise`. */
int target_get_int(const struct target *parsed, const char *name, int64_t min, int64_t max,
                   int64_t otherwise, int64_t *ret_value, struct error *err) MUST_CHECK;
/* The number of items: "count", from 1 to max, also called "limit". */
int target_get_count(const struct target *parsed, int64_t max, int64_t otherwise,
                     int64_t *ret_count, struct error *err) MUST_CHECK;
/* ERR_INVALID for a parameter that is not among `known`, separated by blanks. */
int target_check_names(const struct target *parsed, const char *known,
                       struct error *err) MUST_CHECK;

/* Decimal digits alone, no sign, no leading zero, from 0 to 2^63 - 1: how ids are written. Returns
 * the characters used; 0 when there is no such number. */
size_t target_number(const char *text, int64_t *ret_number);
