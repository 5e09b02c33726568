/* SPDX-License-Identifier: MIT */
/* A list of HTTP headers, and the parser of the user's own headers. */
#include "llm/header_list.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/secrecy.h"

static size_t find_header(const struct headers *headers, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < headers->count; i++)
        if (strncasecmp(headers->lines[i], name, n) == 0 && strchr(":;", headers->lines[i][n]))
            return i;
    return headers->count;
}

void headers_set(struct headers *headers, const char *name, const char *value)
{
    size_t at = find_header(headers, name);
    if (at == headers->count) {
        ARRAY_GROW(headers->lines, headers->cap, headers->count + 2);
        headers->count++;
        headers->lines[headers->count] = NULL;
    } else {
        secrecy_forget(headers->lines[at]);
    }
    /* libcurl's spelling of a header without a value. */
    headers->lines[at] = *value ? xasprintf("%s: %s", name, value) : xasprintf("%s;", name);
}

const char *headers_get(const struct headers *headers, const char *name)
{
    size_t at = find_header(headers, name);
    if (at == headers->count)
        return NULL;
    const char *rest = headers->lines[at] + strlen(name);
    return *rest == ';' ? "" : rest + 2;
}

void headers_release(struct headers *headers)
{
    for (size_t i = 0; i < headers->count; i++)
        secrecy_forget(headers->lines[i]); /* one of them contains the key */
    free(headers->lines);
    *headers = (struct headers){NULL, 0, 0};
}

static char *trimmed_copy(const char *text, size_t length)
{
    while (length && isspace((unsigned char)*text))
        text++, length--;
    while (length && isspace((unsigned char)text[length - 1]))
        length--;
    return xstrndup(text, length);
}

static bool is_name(const char *name)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    size_t n = 0;
    while (name[n] && (isalnum((unsigned char)name[n]) || strchr(marks, name[n])))
        n++;
    return n > 0 && name[n] == '\0';
}

static bool is_value(const char *value)
{
    for (; *value; value++)
        if ((unsigned char)*value < 0x20 && *value != '\t')
            return false;
    return true;
}

int headers_parse(struct headers *headers, const char *text, const char *where, struct error *err)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        const char *colon = memchr(text, ':', length);
        if (colon) {
            AUTO_FREE char *name = trimmed_copy(text, (size_t)(colon - text));
            AUTO_FREE char *value = trimmed_copy(colon + 1, length - (size_t)(colon + 1 - text));
            if (!is_name(name) || !is_value(value))
                return error_set(err, ERR_INVALID,
                                 "%s: invalid header; write it as \"name: value\"", where);
            headers_set(headers, name, value);
        }
        text += length + (text[length] == '\n');
    }
    return 0;
}
