/* SPDX-License-Identifier: MIT */
/* Matches file names against patterns. */
#include "query/glob.h"

#include "base/memory.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

char *glob_lower(const char *text)
{
    char *copy = xstrdup(text);
    for (char *c = copy; *c; c++)
        *c = lower(*c);
    return copy;
}

/* Returns the size in bytes of the character at the start of text [length > 0]: a lead byte
 * includes the continuation bytes after it. */
static size_t character_bytes(const char *text, size_t length)
{
    size_t n = 1;
    if ((unsigned char)text[0] >= 0xc0)
        while (n < length && ((unsigned char)text[n] & 0xc0) == 0x80)
            n++;
    return n;
}

/* Backtracks after a mismatch: the last "*" takes one more byte. Each pair of positions is tried at
 * most once. */
static bool matches(const char *pattern, const char *name, size_t length)
{
    const char *star = NULL;
    size_t at = 0, from = 0;
    while (at < length) {
        if (*pattern == '*') {
            star = ++pattern;
            from = at;
        } else if (*pattern == '?') {
            at += character_bytes(name + at, length - at);
            pattern++;
        } else if (*pattern && *pattern == lower(name[at])) {
            at++;
            pattern++;
        } else if (star) {
            pattern = star;
            at = ++from;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

bool glob_matches_path(const char *pattern, const char *path, size_t length)
{
    size_t start = length;
    while (start && path[start - 1] != '/')
        start--;
    return matches(pattern, path + start, length - start);
}
