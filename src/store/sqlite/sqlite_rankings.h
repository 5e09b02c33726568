/* SPDX-License-Identifier: MIT */
/* Keeps long rankings of one state of the index, so that a list that is read page by page is not
 * ranked again for each page: ranking a photo far down the list reads the vectors of all before it.
 * All threads that search the state share them. */
#pragma once

#include "base/hash.h"
#include "store/store.h"

struct sqlite_rankings;

struct sqlite_rankings *sqlite_rankings_new(void);
void sqlite_rankings_free(struct sqlite_rankings *rankings); /* NULL is fine */

/* Computes the key of a query [dim] among the photos of `where`, which may be NULL. */
void sqlite_ranking_key(const float *query, size_t dim, const struct criteria *where,
                        uint8_t ret_key[HASH_BYTES]);

/* Gets the hits number `skip` to k - 1 of a ranking into ret_hits, which has room for k - skip;
 * *ret_count is the number of the k best that exist. Returns false if no ranking of that length is
 * kept. */
bool sqlite_rankings_find(struct sqlite_rankings *rankings, const uint8_t key[HASH_BYTES],
                          size_t skip, size_t k, struct store_hit *ret_hits, size_t *ret_count);
/* Keeps a ranking of the k best, of which `count` exist; takes ownership of `hits`. The ranking
 * that was used least recently is dropped. */
void sqlite_rankings_keep(struct sqlite_rankings *rankings, const uint8_t key[HASH_BYTES],
                          struct store_hit *hits, size_t count, size_t k);
