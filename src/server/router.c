/* SPDX-License-Identifier: MIT */
/* Matches method and path with the table of routes. */
#include "server/router.h"

#include <stdio.h>
#include <string.h>

#include "server/headers.h"
#include "server/target.h"

#define CONVERSATION_DIGITS 32

/* The number of characters of `path` that {id} or {photo} matches; 0: none. */
static size_t take_number(const char *path, int64_t *ret_number)
{
    size_t used = target_number(path, ret_number);
    return *ret_number > 0 ? used : 0;
}

static size_t take_conversation(const char *path, struct match *m)
{
    size_t used = strspn(path, "0123456789abcdef");
    if (used != CONVERSATION_DIGITS)
        return 0;
    memcpy(m->conversation, path, used);
    m->conversation[used] = '\0';
    return used;
}

static bool path_fits(const char *pattern, const char *path, struct match *m)
{
    static const char id[] = "{id}", photo[] = "{photo}", conversation[] = "{conversation}";
    while (*pattern) {
        size_t used = 1, width = 1;
        if (strncmp(pattern, id, sizeof id - 1) == 0) {
            width = sizeof id - 1;
            used = take_number(path, &m->id);
        } else if (strncmp(pattern, photo, sizeof photo - 1) == 0) {
            width = sizeof photo - 1;
            used = take_number(path, &m->photo);
        } else if (strncmp(pattern, conversation, sizeof conversation - 1) == 0) {
            width = sizeof conversation - 1;
            used = take_conversation(path, m);
        } else if (*pattern != *path) {
            return false;
        }
        if (used == 0)
            return false;
        pattern += width;
        path += used;
    }
    return *path == '\0';
}

struct match router_find(const struct route *table, const char *method, const char *path)
{
    struct match none = {.route = NULL};
    size_t length = 0;
    for (const struct route *r = table; r->method; r++) {
        struct match m = {.route = r};
        if (!path_fits(r->pattern, path, &m))
            continue;
        if (strcmp(r->method, method) == 0)
            return m;
        int n = snprintf(none.allow + length, sizeof none.allow - length, "%s%s",
                         length ? ", " : "", r->method);
        length += (size_t)n < sizeof none.allow - length ? (size_t)n : 0;
    }
    return none;
}

bool route_takes_json(const struct route *route, const char *content_type)
{
    return route->takes == TAKES_JSON ||
           (route->takes == TAKES_EITHER && media_type_is(content_type, "application/json"));
}
