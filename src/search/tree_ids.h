/* SPDX-License-Identifier: MIT */
/* Lists of photo ids in ascending order. Private to search/. */
#pragma once

#include "store/listing.h"

struct id_list {
    int64_t *ids; /* owned */
    size_t count, cap;
};

void id_list_add(struct id_list *list, int64_t id);
void id_list_sort(struct id_list *list);                  /* and removes duplicates */
bool id_list_has(const struct id_list *list, int64_t id); /* of a sorted list */
void id_list_release(struct id_list *list);
/* Adds the ids of all photos that match `where` (NULL: every photo), and sorts them. */
int id_list_read(struct store *store, const struct criteria *where, struct id_list *list,
                 struct error *err) MUST_CHECK;
