/* SPDX-License-Identifier: MIT */
/* Lists the values that facts of photos have, with the number of photos: for lists of places, and
 * to complete what a person types. */
#pragma once

#include "base/facts.h"
#include "store/store.h"

struct store_value {
    const char *text; /* borrowed */
    int64_t photos;
};

/* Lists each known value of a text or list fact once, the most frequent first, equal counts in
 * bytewise order; a photo with a list counts for each of its texts. Without a fact (NULL), lists
 * the folders that contain photos, with the number of photos in the folder itself. The counts are
 * cached until the gallery changes. A non-zero return value of `each` ends the iteration and is
 * returned; `each` may use this store. */
int store_list_values(struct store *store, const struct fact *fact,
                      int (*each)(void *context, const struct store_value *value), void *context,
                      struct error *err) MUST_CHECK;
