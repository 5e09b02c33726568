/* SPDX-License-Identifier: MIT */
/* A small cache of rankings, from which the least recently used one is evicted. */
#include "store/sqlite/sqlite_rankings.h"

#include <pthread.h>
#include <string.h>

#include "query/criteria.h"

/* Each takes at most 16 bytes * LIMIT_RESULTS. */
enum { MOST_RANKINGS = 8 };

struct ranking {
    uint8_t key[HASH_BYTES];
    struct store_hit *hits; /* NULL: unused */
    size_t count, k;
    uint64_t used;
};

struct sqlite_rankings {
    pthread_mutex_t lock; /* guards the rest; held briefly */
    struct ranking items[MOST_RANKINGS];
    uint64_t clock; /* counts uses */
};

struct sqlite_rankings *sqlite_rankings_new(void)
{
    struct sqlite_rankings *rankings = xcalloc(1, sizeof *rankings);
    pthread_mutex_init(&rankings->lock, NULL);
    return rankings;
}

void sqlite_rankings_free(struct sqlite_rankings *rankings)
{
    if (!rankings)
        return;
    for (size_t i = 0; i < MOST_RANKINGS; i++)
        free(rankings->items[i].hits);
    pthread_mutex_destroy(&rankings->lock);
    free(rankings);
}

void sqlite_ranking_key(const float *query, size_t dim, const struct criteria *where,
                        uint8_t ret_key[HASH_BYTES])
{
    AUTO_FREE char *text = where ? criteria_key(where) : NULL;
    struct hash *hash = hash_new();
    hash_add(hash, query, dim * sizeof *query);
    if (text)
        hash_add(hash, text, strlen(text));
    hash_finish(hash, ret_key);
}

/* Locked. Returns NULL if there is none. */
static struct ranking *find_ranking(struct sqlite_rankings *rankings, const uint8_t *key)
{
    for (size_t i = 0; i < MOST_RANKINGS; i++) {
        struct ranking *item = &rankings->items[i];
        if (item->hits && memcmp(item->key, key, HASH_BYTES) == 0)
            return item;
    }
    return NULL;
}

/* Locked. Returns the place for a new ranking. */
static struct ranking *find_oldest(struct sqlite_rankings *rankings)
{
    struct ranking *oldest = &rankings->items[0];
    for (size_t i = 1; i < MOST_RANKINGS; i++)
        if (rankings->items[i].used < oldest->used)
            oldest = &rankings->items[i];
    return oldest;
}

bool sqlite_rankings_find(struct sqlite_rankings *rankings, const uint8_t key[HASH_BYTES],
                          size_t skip, size_t k, struct store_hit *ret_hits, size_t *ret_count)
{
    pthread_mutex_lock(&rankings->lock);
    struct ranking *item = find_ranking(rankings, key);
    bool is_known = item && (item->k >= k || item->count < item->k);
    if (is_known) {
        item->used = ++rankings->clock;
        *ret_count = item->count < k ? item->count : k;
        for (size_t i = skip; i < *ret_count; i++)
            ret_hits[i - skip] = item->hits[i];
    }
    pthread_mutex_unlock(&rankings->lock);
    return is_known;
}

void sqlite_rankings_keep(struct sqlite_rankings *rankings, const uint8_t key[HASH_BYTES],
                          struct store_hit *hits, size_t count, size_t k)
{
    pthread_mutex_lock(&rankings->lock);
    struct ranking *item = find_ranking(rankings, key);
    if (!item)
        item = find_oldest(rankings);
    struct store_hit *former = item->hits;
    *item = (struct ranking){.hits = hits, .count = count, .k = k, .used = ++rankings->clock};
    memcpy(item->key, key, HASH_BYTES);
    pthread_mutex_unlock(&rankings->lock);
    free(former);
}
