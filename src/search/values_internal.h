/* SPDX-License-Identifier: MIT */
/* Collects values of a criterion. Private to search/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

struct candidate {
    char *text; /* owned */
    int64_t photos;
    bool is_first; /* begins with the prefix */
};

struct candidates {
    const char *prefix; /* folded */
    struct candidate *items;
    size_t count, cap;
};

/* Adds a value if it has the prefix and photos. */
void values_add(struct candidates *all, const char *text, int64_t photos);
/* Adds the names of folders, each with the photos in all folders of that name and below. Folders
 * above all photos are left out, except the one that contains them. */
int values_add_folders(struct store *store, struct candidates *all, struct error *err) MUST_CHECK;
