/* SPDX-License-Identifier: MIT */
/* Finds places by their names. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "base/text.h"
#include "places/places_internal.h"

static char fold_byte(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c == '-' ? ' ' : c == '`' ? '\'' : c;
}

char *places_fold(const char *name)
{
    AUTO_FREE char *printable = text_printable(name, strlen(name));
    char *folded = text_fold_loosely(printable);
    for (char *c = folded; *c; c++)
        *c = fold_byte(*c);
    return folded;
}

/* Most names are ASCII, which fold byte by byte; only others that could match are folded. */
bool places_is_named(const char *name, const char *folded)
{
    const char *a = name, *b = folded;
    while (*a && !(*a & 0x80) && fold_byte(*a) == *b)
        a++, b++;
    if (!*a && !*b)
        return true;
    if (!(*a & 0x80))
        return false;
    AUTO_FREE char *own = places_fold(name);
    return strcmp(own, folded) == 0;
}

/* ---- a name ---- */

/* What follows the comma in "Porto, Brazil". */
struct qualifier {
    const char *country; /* its English name; NULL: none */
    char *region;        /* folded; NULL: none */
};

static bool is_within(const struct places_node *node, const struct qualifier *q)
{
    const struct places_table *t = &places_table;
    if (q->country && strcmp(t->texts + t->countries[node->country].english, q->country) == 0)
        return true;
    if (q->region && places_is_named(t->texts + t->regions[node->region], q->region))
        return true;
    return !q->country && !q->region;
}

static bool find_largest(const char *name, const struct qualifier *within, struct place *ret_place,
                         size_t *ret_count)
{
    const struct places_table *t = &places_table;
    const struct places_node *largest = NULL;
    AUTO_FREE char *folded = places_fold(name);
    *ret_count = 0;
    for (size_t i = 0; folded[0] && i < t->count; i++) {
        const struct places_node *node = &t->nodes[i];
        if (!places_is_named(t->texts + node->name, folded) || !is_within(node, within))
            continue;
        ++*ret_count;
        if (!largest || node->population > largest->population)
            largest = node;
    }
    if (largest)
        places_read_node(largest, ret_place);
    return largest != NULL;
}

bool places_find(const char *name, struct place *ret_place, size_t *ret_count)
{
    struct qualifier within = {NULL, NULL};
    if (find_largest(name, &within, ret_place, ret_count))
        return true;
    const char *comma = strrchr(name, ',');
    if (!comma)
        return false;
    const char *after = comma + 1 + strspn(comma + 1, " ");
    size_t length = (size_t)(comma - name);
    while (length && name[length - 1] == ' ')
        length--;
    AUTO_FREE char *alone = xstrndup(name, length);
    within.country = places_country(after);
    within.region = places_fold(after);
    bool found = *after && find_largest(alone, &within, ret_place, ret_count);
    free(within.region);
    return found;
}

bool places_is_region(const char *name)
{
    const struct places_table *t = &places_table;
    AUTO_FREE char *folded = places_fold(name);
    const uint32_t *last = NULL;
    for (size_t i = 0; i < t->count; i++) { /* each node has one; regions are few in a row */
        const uint32_t *region = &t->regions[t->nodes[i].region];
        if (region != last && *region && places_is_named(t->texts + *region, folded))
            return true;
        last = region;
    }
    return false;
}

/* ---- a similar name ---- */

const char *places_suggest(const char *name)
{
    const struct places_table *t = &places_table;
    AUTO_FREE char *folded = places_fold(name);
    size_t length = strlen(folded), least = length / 4 + 1; /* there are many names */
    const struct places_node *best = NULL;
    for (size_t i = 0; i < t->count; i++) {
        const struct places_node *node = &t->nodes[i];
        const char *own = t->texts + node->name;
        size_t bytes = strlen(own); /* folding an accent away leaves fewer */
        if (bytes + least < length || bytes > 2 * length + least)
            continue;
        AUTO_FREE char *own_folded = places_fold(own);
        size_t distance = edit_distance(folded, own_folded);
        if (distance < least ||
            (best && distance == least && node->population > best->population)) {
            least = distance;
            best = node;
        }
    }
    return best ? t->texts + best->name : NULL;
}
