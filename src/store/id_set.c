/* SPDX-License-Identifier: MIT */
/* A set of photo ids: a sorted list, or a bitmap where ids are dense. */
#include "store/id_set.h"

#include <stdlib.h>

#include "base/memory.h"

/* Maximum size of a bitmap, in 64-bit words per id in the set. The ids of a gallery are usually,
 * but not always, close together. */
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
    set->count = set->cap = 0;
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
    first &= ~(int64_t)63; /* aligns the words of any two sets */
    uint64_t words = ((uint64_t)last - (uint64_t)first) / 64 + 1;
    if (words <= WORDS_PER_ID * set->count + FEW_WORDS)
        make_bits(set, first, (size_t)words);
    else
        qsort(set->ids, set->count, sizeof *set->ids, compare);
}

size_t id_set_count(const struct id_set *set)
{
    size_t count = set->count;
    for (size_t i = 0; i < set->words; i++)
        count += (size_t)__builtin_popcountll(set->bits[i]);
    return count;
}

bool id_set_has(const struct id_set *set, int64_t id)
{
    if (set->bits) {
        uint64_t at = (uint64_t)id - (uint64_t)set->first;
        return at / 64 < set->words && (set->bits[at / 64] >> at % 64 & 1);
    }
    return set->count && bsearch(&id, set->ids, set->count, sizeof id, compare);
}

/* ---- operations on two sets ---- */

static const struct id_set nothing = {.ids = NULL};

static uint64_t word_at(const struct id_set *set, int64_t first)
{
    uint64_t at = ((uint64_t)first - (uint64_t)set->first) / 64;
    return set->bits && at < set->words ? set->bits[at] : 0;
}

static bool is_empty(const struct id_set *set)
{
    return !set->bits && set->count == 0;
}

void id_set_walk(const struct id_set *set, void (*each)(void *context, int64_t id), void *context)
{
    for (size_t i = 0; i < set->count; i++)
        each(context, set->ids[i]);
    for (size_t i = 0; i < set->words; i++)
        for (uint64_t word = set->bits[i]; word; word &= word - 1)
            each(context, set->first + (int64_t)(i * 64) + __builtin_ctzll(word));
}

static void add_walked(void *context, int64_t id)
{
    id_set_add(context, id);
}

static void add_common(const struct id_set *from, const struct id_set *other, bool wanted,
                       struct id_set *to)
{
    struct id_set all = nothing;
    id_set_walk(from, add_walked, &all);
    for (size_t i = 0; i < all.count; i++)
        if (id_set_has(other, all.ids[i]) == wanted)
            id_set_add(to, all.ids[i]);
    id_set_release(&all);
}

/* Allocates a bitmap for the words of `over`; the caller fills it. */
static void begin_bits(const struct id_set *over, struct id_set *ret_set)
{
    *ret_set = (struct id_set){.first = over->first, .words = over->words};
    ret_set->bits = xcalloc(over->words, sizeof *ret_set->bits);
}

void id_set_intersect(const struct id_set *a, const struct id_set *b, struct id_set *ret_set)
{
    *ret_set = nothing;
    if (is_empty(a) || is_empty(b))
        return;
    if (!a->bits || !b->bits) {
        bool lesser = a->bits != NULL; /* the list, if one of them is a list */
        add_common(lesser ? b : a, lesser ? a : b, true, ret_set);
        id_set_seal(ret_set);
        return;
    }
    begin_bits(a->words < b->words ? a : b, ret_set);
    for (size_t i = 0; i < ret_set->words; i++) {
        int64_t first = ret_set->first + (int64_t)(i * 64);
        ret_set->bits[i] = word_at(a, first) & word_at(b, first);
    }
}

void id_set_subtract(const struct id_set *a, const struct id_set *b, struct id_set *ret_set)
{
    *ret_set = nothing;
    if (is_empty(a))
        return;
    if (!a->bits || (!b->bits && b->count > 0)) {
        add_common(a, b, false, ret_set);
        id_set_seal(ret_set);
        return;
    }
    begin_bits(a, ret_set);
    for (size_t i = 0; i < ret_set->words; i++)
        ret_set->bits[i] = a->bits[i] & ~word_at(b, a->first + (int64_t)(i * 64));
}

/* Sets that are far apart are not united as bitmaps, because most of the bits would cover the gap.
 */
static bool can_unite_bits(const struct id_set *a, const struct id_set *b)
{
    if (!a->bits || !b->bits)
        return false;
    const struct id_set *low = a->first <= b->first ? a : b, *high = low == a ? b : a;
    uint64_t gap = ((uint64_t)high->first - (uint64_t)low->first) / 64;
    return gap + high->words <= 2 * (a->words + b->words);
}

void id_set_unite(const struct id_set *a, const struct id_set *b, struct id_set *ret_set)
{
    *ret_set = nothing;
    if (!can_unite_bits(a, b)) {
        id_set_walk(a, add_walked, ret_set);
        id_set_walk(b, add_walked, ret_set);
        id_set_seal(ret_set);
        return;
    }
    const struct id_set *low = a->first <= b->first ? a : b, *high = low == a ? b : a;
    size_t gap = (size_t)(((uint64_t)high->first - (uint64_t)low->first) / 64);
    size_t words = gap + high->words > low->words ? gap + high->words : low->words;
    begin_bits(&(struct id_set){.first = low->first, .words = words}, ret_set);
    for (size_t i = 0; i < words; i++) {
        int64_t first = low->first + (int64_t)(i * 64);
        ret_set->bits[i] = word_at(a, first) | word_at(b, first);
    }
}

void id_set_release(struct id_set *set)
{
    free(set->ids);
    free(set->bits);
    *set = (struct id_set){.ids = NULL};
}
