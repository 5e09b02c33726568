/* SPDX-License-Identifier: MIT */
/* Matches paths against patterns in the syntax of .gitignore. */
#include "indexer/ignore.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Matches a set such as [a-z] at *at, and moves *at past it. A set without an end is a literal '['.
 */
static bool match_set(const char **at, char c)
{
    const char *p = *at + 1;
    bool negated = *p == '!' || *p == '^', found = false, first = true;
    p += negated;
    for (; *p && *p != '/' && (*p != ']' || first); first = false) {
        if (*p == '\\' && p[1])
            p++;
        unsigned char low = (unsigned char)*p++, high = low;
        if (p[0] == '-' && p[1] && p[1] != ']' && p[1] != '/') {
            high = (unsigned char)p[1];
            p += 2;
        }
        found |= (unsigned char)c >= low && (unsigned char)c <= high;
    }
    if (*p != ']') {
        ++*at;
        return c == '[';
    }
    *at = p + 1;
    return found != negated;
}

/* Matches one character of a name against the pattern at *at, and moves *at past it. */
static bool match_one(const char **at, char c)
{
    if (**at == '[')
        return match_set(at, c);
    if (**at == '\\' && (*at)[1] && (*at)[1] != '/')
        ++*at;
    else if (**at == '?') {
        ++*at;
        return true;
    }
    return *(*at)++ == c;
}

static bool ends_name(char c)
{
    return c == '\0' || c == '/';
}

/* Matches one name against one component of a pattern, both up to their '/' or end. Backtracks
 * after a mismatch: the last '*' takes one more character. */
static bool match_name(const char *pattern, const char *name)
{
    const char *star = NULL, *retry = NULL;
    while (!ends_name(*name)) {
        if (*pattern == '*') {
            star = ++pattern;
            retry = name;
            continue;
        }
        if (!ends_name(*pattern) && match_one(&pattern, *name)) {
            name++;
            continue;
        }
        if (!star)
            return false;
        pattern = star;
        name = ++retry;
    }
    while (*pattern == '*')
        pattern++;
    return ends_name(*pattern);
}

static const char *next_name(const char *at)
{
    at += strcspn(at, "/");
    return *at ? at + 1 : at;
}

static bool is_any_folders(const char *pattern)
{
    return pattern[0] == '*' && pattern[1] == '*' && ends_name(pattern[2]);
}

/* Matches a path without its first '/' against a pattern, name by name. Backtracks after a
 * mismatch: the last "**" takes one more name. At the end of a pattern, "**" must match at least
 * one name. */
static bool match_path(const char *pattern, const char *path)
{
    const char *star = NULL, *retry = NULL;
    while (*path) {
        if (is_any_folders(pattern)) {
            if (!*next_name(pattern))
                return true;
            star = pattern = next_name(pattern);
            retry = path;
            continue;
        }
        if (*pattern && match_name(pattern, path)) {
            pattern = next_name(pattern);
            path = next_name(path);
            continue;
        }
        if (!star)
            return false;
        pattern = star;
        path = retry = next_name(retry);
    }
    return !*pattern;
}

static void add_line(struct ignore_list *list, struct ignore_line line, const char *text, size_t n)
{
    line.pattern = xstrndup(text, n);
    ARRAY_GROW(list->lines, list->cap, list->n + 1);
    list->lines[list->n++] = line;
}

/* Ignores trailing blanks unless the last one is escaped. */
static size_t trim(const char *text, size_t n)
{
    while (n > 0 && strchr(" \t\r", text[n - 1]) && text[n - 1] && !(n > 1 && text[n - 2] == '\\'))
        n--;
    return n;
}

static void parse_line(struct ignore_list *list, const char *text, size_t n, size_t base)
{
    struct ignore_line line = {.base = base};
    n = trim(text, n);
    if (n == 0 || text[0] == '#')
        return;
    if (text[0] == '!') {
        line.negated = true;
        text++, n--;
    }
    while (n > 0 && text[n - 1] == '/') {
        line.folders_only = true;
        n--;
    }
    line.anchored = n > 0 && memchr(text, '/', n);
    while (n > 0 && text[0] == '/')
        text++, n--;
    if (n > 0)
        add_line(list, line, text, n);
}

void ignore_add_text(struct ignore_list *list, const char *base, const char *text, size_t size)
{
    const char *end = text + size;
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        text += 3;
    size_t length = strcmp(base, "/") == 0 ? 0 : strlen(base);
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t n = (size_t)((newline ? newline : end) - text);
        if (!memchr(text, '\0', n))
            parse_line(list, text, n, length);
        text += n + 1;
    }
}

void ignore_add_pattern(struct ignore_list *list, const char *pattern)
{
    while (strncmp(pattern, "./", 2) == 0)
        pattern += 2;
    struct ignore_line line = {.anchored = pattern[0] == '/'};
    size_t n = strlen(pattern);
    while (n > 1 && pattern[n - 1] == '/') {
        line.folders_only = true;
        n--;
    }
    while (n > 0 && pattern[0] == '/')
        pattern++, n--;
    if (n == 0)
        return;
    bool inner = !line.anchored && memchr(pattern, '/', n);
    AUTO_FREE char *text = xasprintf("%s%.*s", inner ? "**/" : "", (int)n, pattern);
    line.anchored |= inner;
    add_line(list, line, text, strlen(text));
}

void ignore_truncate(struct ignore_list *list, size_t n)
{
    while (list->n > n)
        free(list->lines[--list->n].pattern);
}

bool ignore_matches(const struct ignore_list *list, const char *path, bool is_folder)
{
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    for (size_t i = list->n; i-- > 0;) {
        const struct ignore_line *line = &list->lines[i];
        if (line->folders_only && !is_folder)
            continue;
        if (line->anchored ? match_path(line->pattern, path + line->base + 1)
                           : match_name(line->pattern, name))
            return !line->negated;
    }
    return false;
}

void ignore_release(struct ignore_list *list)
{
    ignore_truncate(list, 0);
    free(list->lines);
    *list = (struct ignore_list)IGNORE_LIST_INIT;
}
