/* SPDX-License-Identifier: MIT */
/* Which never-send rule covers a photo of a gallery, as the gate asks. */
#pragma once

#include "ask/rule_set.h"

/* A phrase for people, for the caller to free; NULL: none covers it. */
__attribute__((unused)) static int find_covering(struct store *store, int64_t id, char **ret_phrase,
                                                 struct error *err)
{
    struct store_photo photo;
    struct rule_set set;
    int rc = store_get_photo(store, id, &photo, err);
    if (rc)
        return rc;
    rc = rule_set_load(store, &set, err);
    if (!rc) {
        rc = rule_set_covering(&set, &photo, ret_phrase, err);
        rule_set_release(&set);
    }
    store_photo_release(&photo);
    return rc;
}
