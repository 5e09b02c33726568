/* SPDX-License-Identifier: MIT */
/* A set of photo ids: sorted, and a bitmap where ids are dense. */
#include "store/id_set.h"

#include <stdlib.h>

#include "base/memory.h"

/* A bitmap may take as much memory as this many ids for each id it holds; ids of a gallery are
 * mostly close together, but need not be. */
#define WORDS_PER_ID 4
#define FEW_WORDS 1024

void id_set_add(struct id_set *set, int64_t id)
{
    ARRAY_GROW(set->ids, set->cap, set->count + 1);
    set->ids[set->count++] = id;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void make_bits(struct id_set *set, int64_t first, size_t words)
{
    set->first = first;
    set->words = words;
    set->bits = xcalloc(words, sizeof *set->bits);
    for (size_t i = 0; i < set->count; i++) {
        uint64_t at = (uint64_t)set->ids[i] - (uint64_t)first;
        set->bits[at / 64] |= (uint64_t)1 << at % 64;
    }
    free(set->ids);
    set->ids = NULL;
    set->cap = 0;
}

void id_set_seal(struct id_set *set)
{
    if (!set->count)
        return;
    int64_t first = set->ids[0], last = first;
    for (size_t i = 1; i < set->count; i++) {
        first = set->ids[i] < first ? set->ids[i] : first;
        last = set->ids[i] > last ? set->ids[i] : last;
    }
    uint64_t words = ((uint64_t)last - (uint64_t)first) / 64 + 1;
    if (words <= WORDS_PER_ID * set->count + FEW_WORDS)
        make_bits(set, first, (size_t)words);
    else
        qsort(set->ids, set->count, sizeof *set->ids, compare);
}

bool id_set_has(const struct id_set *set, int64_t id)
{
    if (set->bits) {
        uint64_t at = (uint64_t)id - (uint64_t)set->first;
        return at / 64 < set->words && (set->bits[at / 64] >> at % 64 & 1);
    }
    return set->count && bsearch(&id, set->ids, set->count, sizeof id, compare);
}

void id_set_release(struct id_set *set)
{
    free(set->ids);
    free(set->bits);
    *set = (struct id_set){.ids = NULL};
}
