/* SPDX-License-Identifier: MIT */
/* The gallery by date, for pages that scroll: newest first, photos without a date last, equal dates
 * by id, the larger first. A date is photo_facts.taken, compared as text. Works on 100,000 photos
 * without reading them all. */
#pragma once

#include "store/filter.h"
#include "store/store.h"

struct store_month {
    const char *month; /* "2019-07"; "": photos without a date; borrowed */
    int64_t photos;
};
/* In the order of the list, months without photos left out. Counted once, then known until the
 * gallery changes. A non-zero return of `each` stops and
 * is returned. */
int store_list_months(struct store *store, const struct store_filter *filter,
                      int (*each)(void *context, const struct store_month *month), void *context,
                      struct error *err) MUST_CHECK;

/* The ids of all photos that the filter (NULL: none) lets through, in no order: what else is known
 * of them is not read. A non-zero return of `each` stops and is returned; it may use this store. */
int store_list_ids(struct store *store, const struct store_filter *filter,
                   int (*each)(void *context, int64_t id), void *context,
                   struct error *err) MUST_CHECK;

struct store_place { /* in the list: a photo and all before it; it need not be there any more */
    char taken[32];  /* "": without a date */
    int64_t id;
};
/* At most `limit` photos after `after` (NULL: from the start) and `skip` more, which are not looked
 * at; filter may be NULL. Fewer: the list ends there. A non-zero return of `each` stops and is
 * returned; what it gets is borrowed for the call, in which it may use this store. */
int store_list_photos(struct store *store, const struct store_filter *filter,
                      const struct store_place *after, size_t skip, size_t limit,
                      int (*each)(void *context, const struct store_photo *photo), void *context,
                      struct error *err) MUST_CHECK;
