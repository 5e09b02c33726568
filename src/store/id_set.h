/* SPDX-License-Identifier: MIT */
/* A set of photo ids with fast lookup, private to store/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_set {
    int64_t *ids;      /* as added; sorted by id_set_seal, or NULL if the set is a bitmap */
    size_t count, cap; /* count: of `ids`; 0 if the set is a bitmap */
    int64_t first;     /* id of the first bit: a multiple of 64 */
    uint64_t *bits;    /* [words]; NULL: the set is the list `ids` */
    size_t words;
};

/* An empty set is all zeros. Ids may be added in any order and more than once. */
void id_set_add(struct id_set *set, int64_t id);
/* Call it once, after the last addition and before the first lookup. */
void id_set_seal(struct id_set *set);
/* Returns the number of ids, provided that none was added twice. */
size_t id_set_count(const struct id_set *set);
bool id_set_has(const struct id_set *set, int64_t id);
/* Intersection, union and difference (a without b) of two sealed sets. *ret_set must be empty, and
 * is sealed afterwards. */
void id_set_intersect(const struct id_set *a, const struct id_set *b, struct id_set *ret_set);
void id_set_unite(const struct id_set *a, const struct id_set *b, struct id_set *ret_set);
void id_set_subtract(const struct id_set *a, const struct id_set *b, struct id_set *ret_set);
/* Calls `each` for every id in ascending order; an id that was added twice may come twice. */
void id_set_walk(const struct id_set *set, void (*each)(void *context, int64_t id), void *context);
void id_set_release(struct id_set *set);
