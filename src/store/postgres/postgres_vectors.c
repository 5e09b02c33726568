/* SPDX-License-Identifier: MIT */
/* Reads the vectors of many photos. */
#include <math.h>

#include "store/postgres/postgres_internal.h"

int postgres_get_vectors(struct store *store, const int64_t *ids, size_t n, float *ret_vectors,
                         struct error *err)
{
    AUTO_FREE struct store_photo *photos = xcalloc(n + 1, sizeof *photos);
    int rc = postgres_get_photos(store, ids, n, photos, ret_vectors, err);
    for (size_t i = 0; !rc && i < n; i++) {
        if (!photos[i].path)
            ret_vectors[i * (postgres_of(store)->dim)] = NAN;
        store_photo_release(&photos[i]);
    }
    return rc;
}
