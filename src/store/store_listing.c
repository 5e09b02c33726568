/* SPDX-License-Identifier: MIT */
/* Lists photos by date. */
#include "store/listing.h"

#include "store/store_internal.h"

int store_list_photos(struct store *store, const struct store_filter *filter,
                      const struct store_place *after, size_t skip, size_t limit,
                      int (*each)(void *context, const struct store_photo *photo), void *context,
                      struct error *err)
{
    struct bounds bounds;
    int rc = bounds_init(filter, &bounds, err);
    if (rc)
        return rc;
    rc = store->backend->list_photos(store, &bounds, after, skip, limit, each, context, err);
    bounds_release(&bounds);
    return rc;
}
