/* SPDX-License-Identifier: MIT */
/* Parses the values of untrusted request headers: Range, If-None-Match, Cookie. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum range_kind {
    RANGE_ALL,  /* no range, several ranges, or not understood: the whole is sent (RFC 9110 14.2) */
    RANGE_PART, /* 206 */
    RANGE_NOT_SATISFIABLE, /* 416 */
};

struct range {
    enum range_kind kind;
    int64_t first, last; /* with PART: the first and the last byte */
};

/* header may be NULL; size is that of the whole file. */
struct range range_parse(const char *header, int64_t size);

/* Whether an If-None-Match or If-Range value contains the tag `etag` (given without quotes); weak
 * tags match only with `weak_too`. */
bool etag_matches(const char *header, const char *etag, bool weak_too);

/* Whether an Accept-Encoding names gzip without refusing it. header may be NULL. */
bool accepts_gzip(const char *header);

/* Copies the value of the first cookie of this name into ret_value; false when there is none, or it
 * is longer than size - 1. */
bool cookie_get(const char *header, const char *name, char *ret_value, size_t size);

/* Whether a Content-Type is `type` ("application/json") or, when that ends in a slash-star, of that
 * family; parameters after ';' and case do not matter. */
bool media_type_is(const char *header, const char *type);
