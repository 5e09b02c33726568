/* SPDX-License-Identifier: MIT */
/* Lists photos by date. */
#include "store/listing.h"

#include "store/store_internal.h"

int store_list_ids(struct store *store, const struct store_filter *filter,
                   int (*each)(void *context, int64_t id), void *context, struct error *err)
{
    AUTO(criteria) *where = NULL;
    int rc = store_filter_tree(filter, &where, err);
    return rc ? rc : store->backend->list_ids(store, where, each, context, err);
}

int store_list_photos(struct store *store, const struct store_filter *filter,
                      const struct store_place *after, size_t skip, size_t limit,
                      int (*each)(void *context, const struct store_photo *photo), void *context,
                      struct error *err)
{
    AUTO(criteria) *where = NULL;
    int rc = store_filter_tree(filter, &where, err);
    if (rc)
        return rc;
    return store->backend->list_photos(store, where, after, skip, limit, each, context, err);
}
