/* SPDX-License-Identifier: MIT */
/* A hash table of indices into an array of the caller's.
 *
 * The caller owns the items and their keys. The table holds an item's index and asks the caller's
 * functions for the item's hash, when it grows, and whether an item has a key:
 *
 *     static bool has_name(const void *items, size_t item, const void *key)
 *     {
 *         const struct thing *things = items;
 *         return strcmp(things[item].name, key) == 0;
 *     }
 *     static uint32_t hash_of(const void *items, size_t item) ...
 *
 *     struct hash_table table = HASH_TABLE_INIT;
 *     uint32_t hash = hash_table_hash(name, strlen(name));
 *     if (hash_table_find(&table, hash, has_name, things, name) == HASH_TABLE_NONE) {
 *         hash_table_reserve(&table, n + 1, hash_of, things);
 *         hash_table_add(&table, hash, n);
 *         things[n++].name = name;
 *     }
 *     hash_table_release(&table);
 *
 * Open addressing with linear probing, at most half full: 8 to 16 bytes for each item. Items are
 * never removed. Any number of threads may look up while none adds. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct hash_table {
    uint32_t *slots;   /* index of the item + 1; 0: free */
    size_t count, cap; /* cap: a power of two, or 0 */
};

#define HASH_TABLE_INIT \
    {                   \
        NULL, 0, 0      \
    }
#define HASH_TABLE_NONE SIZE_MAX
/* The largest index that an item may have. */
#define HASH_TABLE_LAST ((size_t)UINT32_MAX - 1)

/* The hash of the item's key. */
typedef uint32_t hash_table_hash_of(const void *items, size_t item);
/* Does the item have the key? */
typedef bool hash_table_has_key(const void *items, size_t item, const void *key);

/* The hash of some bytes. */
static inline uint32_t hash_table_hash(const void *data, size_t size)
{
    const unsigned char *at = data;
    uint64_t h = size * 0x9E3779B97F4A7C15u;
    while (size > 0) {
        uint64_t word = 0;
        size_t n = size < sizeof word ? size : sizeof word;
        memcpy(&word, at, n);
        h = (h ^ word) * 0xD6E8FEB86659FD93u;
        h ^= h >> 32;
        at += n;
        size -= n;
    }
    return (uint32_t)h;
}

/* The hash of a number: multiplication by the golden ratio (Knuth, TAOCP 3, 6.4). */
static inline uint32_t hash_table_mix(uint64_t number)
{
    return (uint32_t)(number * 0x9E3779B97F4A7C15u >> 32);
}

/* Makes room for `count` items in all. A table that grows as its items come grows to twice its
 * size, so that this may be called before each addition. */
void hash_table_reserve(struct hash_table *table, size_t count, hash_table_hash_of *hash_of,
                        const void *items);
/* Adds an item whose key is not in the table yet, where hash_table_reserve has made room. */
void hash_table_add(struct hash_table *table, uint32_t hash, size_t item);
void hash_table_release(struct hash_table *table);

/* The slot of the item with the key; NULL: there is none. Another item with the same key may be put
 * into it. Inline, so that has_key is also inlined. */
static inline uint32_t *hash_table_slot(const struct hash_table *table, uint32_t hash,
                                        hash_table_has_key *has_key, const void *items,
                                        const void *key)
{
    if (table->cap == 0)
        return NULL;
    for (size_t at = hash & (table->cap - 1);; at = (at + 1) & (table->cap - 1)) {
        uint32_t place = table->slots[at];
        if (place == 0)
            return NULL;
        if (has_key(items, place - 1, key))
            return &table->slots[at];
    }
}

/* The index of the item with the key, or HASH_TABLE_NONE. */
static inline size_t hash_table_find(const struct hash_table *table, uint32_t hash,
                                     hash_table_has_key *has_key, const void *items,
                                     const void *key)
{
    const uint32_t *slot = hash_table_slot(table, hash, has_key, items, key);
    return slot ? *slot - 1 : HASH_TABLE_NONE;
}
