/* SPDX-License-Identifier: MIT */
/* Lists the gallery by date, for pages that scroll: newest first, photos without a date last, equal
 * dates in descending order of id. The date is photo_facts.taken, compared as text. A page of a
 * list of 100,000 photos does not read them all. */
#pragma once

#include "store/filter.h"
#include "store/store.h"

struct store_month {
    const char *month; /* "2019-07"; "": photos without a date; borrowed */
    int64_t photos;
};
/* Lists the months that have photos, in the order of the list. The counts are cached until the
 * gallery changes. A non-zero return value of `each` ends the iteration and is returned. */
int store_list_months(struct store *store, const struct store_filter *filter,
                      int (*each)(void *context, const struct store_month *month), void *context,
                      struct error *err) MUST_CHECK;

/* Lists the ids of all photos that match the filter (NULL: every photo), in no particular order. It
 * reads nothing else of the photos. A non-zero return value of `each` ends the iteration and is
 * returned; `each` may use this store. */
int store_list_ids(struct store *store, const struct store_filter *filter,
                   int (*each)(void *context, int64_t id), void *context,
                   struct error *err) MUST_CHECK;

struct store_place { /* a cursor: the list continues after this photo, which may have been deleted
                      */
    char taken[32];  /* "": without a date */
    int64_t id;
};
/* Lists at most `limit` photos that follow `after` (NULL: from the start), without the first `skip`
 * of them, which are not read. `filter` may be NULL. Fewer than `limit` photos mean the end of the
 * list. A non-zero return value of `each` ends the iteration and is returned. The photo is borrowed
 * for the duration of the call, during which `each` may use this store. */
int store_list_photos(struct store *store, const struct store_filter *filter,
                      const struct store_place *after, size_t skip, size_t limit,
                      int (*each)(void *context, const struct store_photo *photo), void *context,
                      struct error *err) MUST_CHECK;
