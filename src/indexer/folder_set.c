/* SPDX-License-Identifier: MIT */
/* A hash set of folders by device and inode. */
#include "indexer/folder_set.h"

#include "base/memory.h"

/* Finalizer of SplitMix64 (Steele, Lea, Flood 2014): spreads consecutive inodes. */
static uint64_t spread(struct folder_id id)
{
    uint64_t x = id.inode + id.device * 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

static struct folder_id *find_slot(const struct folder_set *set, struct folder_id id)
{
    size_t at = spread(id) & (set->cap - 1);
    for (;; at = (at + 1) & (set->cap - 1)) {
        struct folder_id *slot = &set->slots[at];
        bool is_free = slot->inode == 0 && slot->device == 0;
        if (is_free || (slot->inode == id.inode && slot->device == id.device))
            return slot;
    }
}

static void grow(struct folder_set *set)
{
    struct folder_set larger = {NULL, set->n, set->cap ? 2 * set->cap : 64};
    larger.slots = xcalloc(larger.cap, sizeof *larger.slots);
    for (size_t i = 0; i < set->cap; i++)
        if (set->slots[i].inode || set->slots[i].device)
            *find_slot(&larger, set->slots[i]) = set->slots[i];
    free(set->slots);
    *set = larger;
}

bool folder_set_add(struct folder_set *set, struct folder_id id)
{
    if (2 * (set->n + 1) > set->cap)
        grow(set);
    struct folder_id *slot = find_slot(set, id);
    if (slot->inode || slot->device)
        return false;
    *slot = id;
    set->n++;
    return true;
}

void folder_set_release(struct folder_set *set)
{
    free(set->slots);
    *set = (struct folder_set)FOLDER_SET_INIT;
}
