/* SPDX-License-Identifier: MIT */
/* Reads many photos. In a file, reading one after the other is as cheap as one statement. */
#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "store/sqlite/sqlite_internal.h"

static bool is_missing(int rc)
{
    return rc == ERR_NOT_FOUND || rc == ERR_CORRUPT;
}

static int get_one(struct store *store, int64_t id, struct store_photo *ret_photo,
                   float *ret_vector, struct error *err)
{
    struct error why = ERROR_INIT;
    int rc = sqlite_get_photo(store, id, ret_photo, &why);
    if (!rc && ret_vector) {
        rc = sqlite_get_vector(store, id, ret_vector, &why);
        if (is_missing(rc)) {
            ret_vector[0] = NAN;
            rc = 0;
        }
    }
    return rc && rc != ERR_NOT_FOUND ? error_set(err, rc, "%s", why.message) : 0;
}

int sqlite_get_photos(struct store *store, const int64_t *ids, size_t n,
                      struct store_photo *ret_photos, float *ret_vectors, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    size_t dim = 0;
    int rc = sqlite_begin_read(s, err);
    if (rc)
        return rc;
    if (n && ret_vectors)
        rc = sqlite_check_model(s, err);
    dim = s->dim;
    if (n)
        memset(ret_photos, 0, n * sizeof *ret_photos);
    for (size_t i = 0; !rc && i < n; i++)
        rc =
            get_one(store, ids[i], &ret_photos[i], ret_vectors ? ret_vectors + i * dim : NULL, err);
    rc = sqlite_finish(s, rc, err);
    for (size_t i = 0; rc && i < n; i++)
        store_photo_release(&ret_photos[i]);
    return rc;
}

int sqlite_list_copies(struct store *store, const uint8_t (*hashes)[HASH_BYTES], size_t n,
                       int (*each)(void *context, const struct store_copy *copy), void *context,
                       struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    bool has;
    int stopped = 0, rc = sqlite_follow_format(s, 3, &has, err);
    for (size_t i = 0; !rc && !stopped && i < n; i++) {
        struct query q =
            query_start(s, has ? "SELECT id, path, position FROM photo WHERE hash = ? ORDER BY path"
                               : "SELECT id, path, 0 FROM photo WHERE hash = ? ORDER BY path");
        query_blob(&q, hashes[i], HASH_BYTES);
        while (!stopped && (rc = query_next(&q, err)) > 0) {
            struct store_copy copy = {.hash = hashes[i],
                                      .id = sqlite3_column_int64(q.statement, 0),
                                      .path = (const char *)sqlite3_column_text(q.statement, 1),
                                      .position = sqlite3_column_int(q.statement, 2)};
            stopped = each(context, &copy);
        }
        query_end(&q);
    }
    return stopped ? stopped : rc;
}

/* ---- photos near vectors ---- */

#define FIRST_LOOK 32
#define WIDER 8

/* Searches for the photos near one vector, with growing limits until the last hit is no longer
 * near. */
static int find_near(struct store *store, const float *vector, double least,
                     struct store_hit **ret_hits, size_t *ret_count, struct error *err)
{
    for (size_t k = FIRST_LOOK;; k = k * WIDER < LIMIT_RESULTS ? k * WIDER : LIMIT_RESULTS) {
        size_t n = 0;
        AUTO_FREE struct store_hit *hits = xmalloc(k * sizeof *hits);
        int rc = store_search_exact(store, vector, k, NULL, hits, &n, err);
        if (rc)
            return rc;
        if (n == k && k < LIMIT_RESULTS && hits[n - 1].score >= least)
            continue;
        while (n > 0 && hits[n - 1].score < least)
            n--;
        *ret_hits = hits;
        *ret_count = n;
        hits = NULL;
        return 0;
    }
}

int sqlite_list_near(struct store *store, const float *vectors, size_t n, double least,
                     int (*each)(void *context, size_t vector, const struct store_hit *hit),
                     void *context, struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    int rc = n ? sqlite_follow(s, err) : 0;
    if (!rc && n)
        rc = sqlite_check_model(s, err);
    size_t dim = s->dim;
    for (size_t i = 0; !rc && i < n; i++) {
        struct store_hit *found = NULL;
        size_t count = 0;
        rc = find_near(store, vectors + i * dim, least, &found, &count, err);
        AUTO_FREE struct store_hit *hits = found;
        for (size_t k = 0; !rc && k < count; k++)
            rc = each(context, i, &hits[k]);
    }
    return rc;
}
