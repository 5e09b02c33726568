/* SPDX-License-Identifier: MIT */
/* A hash set of folders by device and inode. */
#include "indexer/folder_set.h"

#include "base/memory.h"

static bool is_folder(const void *items, size_t item, const void *key)
{
    const struct folder_id *folder = (const struct folder_id *)items + item, *id = key;
    return folder->inode == id->inode && folder->device == id->device;
}

static uint32_t hash_folder(const void *items, size_t item)
{
    const struct folder_id *folder = (const struct folder_id *)items + item;
    return hash_table_mix(folder->inode ^ folder->device << 40);
}

bool folder_set_add(struct folder_set *set, struct folder_id id)
{
    uint32_t hash = hash_folder(&id, 0);
    if (hash_table_slot(&set->table, hash, is_folder, set->folders, &id))
        return false;
    ARRAY_GROW(set->folders, set->cap, set->n + 1);
    hash_table_reserve(&set->table, set->n + 1, hash_folder, set->folders);
    hash_table_add(&set->table, hash, set->n);
    set->folders[set->n++] = id;
    return true;
}

void folder_set_release(struct folder_set *set)
{
    free(set->folders);
    hash_table_release(&set->table);
    *set = (struct folder_set)FOLDER_SET_INIT;
}
