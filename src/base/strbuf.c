/* SPDX-License-Identifier: MIT */
/* A growing string with a maximum size. */
#include "base/strbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

int strbuf_add(struct strbuf *s, const void *data, size_t length, struct error *err)
{
    if (length > s->max - s->length)
        return error_set(err, ERR_LIMIT, "longer than the limit of %zu bytes", s->max);
    array_grow((void **)&s->data, &s->cap, s->length + length + 1, 1);
    if (length)
        memcpy(s->data + s->length, data, length);
    s->length += length;
    s->data[s->length] = '\0';
    return 0;
}

int strbuf_addf(struct strbuf *s, struct error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *text = xvasprintf(format, args);
    va_end(args);
    return strbuf_add(s, text, strlen(text), err);
}

void strbuf_clear(struct strbuf *s)
{
    s->length = 0;
    if (s->data)
        s->data[0] = '\0';
}

void strbuf_release(struct strbuf *s)
{
    free(s->data);
    s->data = NULL;
    s->length = s->cap = 0;
}

char *strbuf_take(struct strbuf *s)
{
    char *text = s->data ? s->data : xstrdup("");
    s->data = NULL;
    s->length = s->cap = 0;
    return text;
}
