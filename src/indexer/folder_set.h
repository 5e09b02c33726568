/* SPDX-License-Identifier: MIT */
/* A set of folders by device and inode, which breaks loops of symbolic links. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash_table.h"

struct folder_id {
    uint64_t device, inode;
};

struct folder_set {
    struct folder_id *folders;
    size_t n, cap;
    struct hash_table table; /* of the folders */
};

#define FOLDER_SET_INIT             \
    {                               \
        NULL, 0, 0, HASH_TABLE_INIT \
    }

/* Returns false if the folder was in the set already. */
bool folder_set_add(struct folder_set *set, struct folder_id id);
void folder_set_release(struct folder_set *set);
