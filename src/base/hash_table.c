/* SPDX-License-Identifier: MIT */
/* Fills hash tables and makes them grow. */
#include "base/hash_table.h"

#include "base/error.h"
#include "base/memory.h"

enum { LEAST_SLOTS = 16 };

static void fill_slot(struct hash_table *table, uint32_t hash, uint32_t place)
{
    size_t at = hash & (table->cap - 1);
    while (table->slots[at])
        at = (at + 1) & (table->cap - 1);
    table->slots[at] = place;
}

void hash_table_reserve(struct hash_table *table, size_t count, hash_table_hash_of *hash_of,
                        const void *items)
{
    if (2 * count <= table->cap)
        return;
    struct hash_table larger = {NULL, table->count, table->cap ? table->cap : LEAST_SLOTS};
    while (larger.cap < 2 * count)
        larger.cap *= 2;
    larger.slots = xcalloc(larger.cap, sizeof *larger.slots);
    for (size_t i = 0; i < table->cap; i++)
        if (table->slots[i])
            fill_slot(&larger, hash_of(items, table->slots[i] - 1), table->slots[i]);
    free(table->slots);
    *table = larger;
}

void hash_table_add(struct hash_table *table, uint32_t hash, size_t item)
{
    if (item > HASH_TABLE_LAST || 2 * (table->count + 1) > table->cap)
        BUG("a hash table has no room for item %zu", item);
    fill_slot(table, hash, (uint32_t)item + 1);
    table->count++;
}

void hash_table_release(struct hash_table *table)
{
    free(table->slots);
    *table = (struct hash_table)HASH_TABLE_INIT;
}
