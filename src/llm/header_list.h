/* SPDX-License-Identifier: MIT */
/* A list of HTTP headers; setting a name again replaces its value. */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct headers {
    char **lines; /* "name: value"; ends with a NULL */
    size_t count, cap;
};

void headers_set(struct headers *headers, const char *name, const char *value);
/* NULL if the header is missing. Borrowed until the next change. */
const char *headers_get(const struct headers *headers, const char *name);
void headers_release(struct headers *headers);

/* Parses lines of "Name: value" in the format of ANTHROPIC_CUSTOM_HEADERS; lines without a colon
 * are ignored. ERR_INVALID, naming `where` but no value, for a name or value that HTTP cannot
 * carry. */
int headers_parse(struct headers *headers, const char *text, const char *where,
                  struct error *err) MUST_CHECK;
