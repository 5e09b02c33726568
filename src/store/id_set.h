/* SPDX-License-Identifier: MIT */
/* A set of photo ids that is asked very often: private to store/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_set {
    int64_t *ids;      /* as added; after the seal sorted, or NULL where bits say it */
    size_t count, cap; /* count: of `ids`; 0 where bits say it */
    int64_t first;     /* of the bits: a multiple of 64 */
    uint64_t *bits;    /* [words]; NULL: ids has them */
    size_t words;
};

/* Begins as all zeros. Ids may come in any order, also twice. */
void id_set_add(struct id_set *set, int64_t id);
/* Once, after the last addition and before the first question. */
void id_set_seal(struct id_set *set);
/* How many, where none was added twice. */
size_t id_set_count(const struct id_set *set);
bool id_set_has(const struct id_set *set, int64_t id);
/* Of sealed sets, into a sealed set that held nothing: ids of both, of either, of a but not of b.
 */
void id_set_intersect(const struct id_set *a, const struct id_set *b, struct id_set *ret_set);
void id_set_unite(const struct id_set *a, const struct id_set *b, struct id_set *ret_set);
void id_set_subtract(const struct id_set *a, const struct id_set *b, struct id_set *ret_set);
/* Calls `each` for every id in ascending order; one that was added twice may come twice. */
void id_set_walk(const struct id_set *set, void (*each)(void *context, int64_t id), void *context);
void id_set_release(struct id_set *set);
