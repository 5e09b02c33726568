/* SPDX-License-Identifier: MIT */
/* A growing string with a maximum size that is set when it is made.
 *
 *     struct strbuf s = STRBUF_INIT(LIMIT_JSON_BYTES);
 *     if (strbuf_add(&s, data, n, err))   ... ERR_LIMIT above the maximum; the content is unchanged
 *     strbuf_release(&s);
 *
 * data is always NUL-terminated once something was added; it may hold NUL bytes inside. */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct strbuf {
    char *data; /* NULL until the first addition */
    size_t length;
    size_t cap;
    size_t max; /* the maximum size in bytes, without the NUL */
};

#define STRBUF_INIT(max_bytes)  \
    {                           \
        NULL, 0, 0, (max_bytes) \
    }

int strbuf_add(struct strbuf *s, const void *data, size_t length, struct error *err) MUST_CHECK;
int strbuf_addf(struct strbuf *s, struct error *err, const char *format, ...) MUST_CHECK
    __attribute__((format(printf, 3, 4)));
void strbuf_clear(struct strbuf *s); /* empties the string, keeps its memory */
void strbuf_release(struct strbuf *s);
char *strbuf_take(struct strbuf *s); /* hands the string over ("" when empty) and leaves s empty */
