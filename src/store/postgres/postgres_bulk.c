/* SPDX-License-Identifier: MIT */
/* Reads many photos in one statement, so that network latency counts only once. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres/postgres_internal.h"
#include "vectors/vectors.h"

struct bulk {
    const char *sql;
    const struct postgres_args *args;
    PGresult *rows;
};

static int fetch_bulk(struct postgres *p, void *context, struct error *err)
{
    struct bulk *b = context;
    return postgres_query(p, b->sql, b->args, &b->rows, err);
}

/* ERR_MISMATCH if the gallery uses another model than this store expects. */
static int check_using(struct postgres *p, struct error *err)
{
    struct store_model model;
    int rc = postgres_get_model(&p->store, &model, err);
    if (!rc)
        rc = store_check_using(&p->store, &model, err);
    if (rc == ERR_MISMATCH) { /* the next user reads them again */
        p->dim = 0;
        p->settings.bound = false;
    }
    return rc;
}

/* ---- photos ---- */

/* The index in the result at which a photo is wanted. */
struct place {
    int64_t id;
    size_t at;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Returns the places sorted by id. The caller frees them. */
static struct place *sorted_places(const int64_t *ids, size_t n)
{
    struct place *places = xmalloc(n * sizeof *places);
    for (size_t i = 0; i < n; i++)
        places[i] = (struct place){ids[i], i};
    qsort(places, n, sizeof *places, compare_places);
    return places;
}

/* Returns the first place with this id; n if there is none. */
static size_t find_place(const struct place *places, size_t n, int64_t id)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (places[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && places[low].id == id ? low : n;
}

/* Reads a row with the columns of photos_sql. */
static void read_row(struct postgres *p, const PGresult *rows, int row,
                     struct store_photo *ret_photo, float *ret_vector)
{
    struct error unsound;
    int damage = PQnfields(rows) - 2, vector = PQnfields(rows) - 1;
    postgres_read_photo(rows, row, ret_photo);
    value_text(rows, row, damage, ret_photo->facts.damage, sizeof ret_photo->facts.damage);
    if (ret_vector && (PQgetisnull(rows, row, vector) ||
                       value_vector(p, rows, row, vector, ret_vector, &unsound)))
        ret_vector[0] = NAN;
}

/* Returns the statement that reads photos. The caller frees it. */
static char *photos_sql(struct postgres *p, bool with_vectors)
{
    return xasprintf("%s, %s, %s FROM image_gallery WHERE id = ANY ($1::bigint[])",
                     postgres_facts_sql(p, "SELECT " POSTGRES_PHOTO),
                     p->settings.format < 3 ? "''" : POSTGRES_DAMAGE,
                     with_vectors ? "embedding::vector" : "NULL");
}

int postgres_get_photos(struct store *store, const int64_t *ids, size_t n,
                        struct store_photo *ret_photos, float *ret_vectors, struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct postgres_args args = {0};
    size_t dim = 0;
    int rc = n && ret_vectors ? check_using(p, err) : 0;
    if (rc || !n)
        return rc;
    dim = p->dim;
    AUTO_FREE char *array = array_of_ids(ids, n);
    AUTO_FREE char *sql = photos_sql(p, ret_vectors != NULL);
    args_text(&args, array);
    struct bulk bulk = {.sql = sql, .args = &args};
    rc = postgres_attempt(p, fetch_bulk, &bulk, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = bulk.rows;
    AUTO_FREE struct place *places = sorted_places(ids, n);
    memset(ret_photos, 0, n * sizeof *ret_photos);
    for (int row = 0; row < PQntuples(rows); row++) {
        int64_t id = value_int(rows, row, 0);
        for (size_t i = find_place(places, n, id); i < n && places[i].id == id; i++) {
            size_t at = places[i].at;
            store_photo_release(&ret_photos[at]); /* in case a row came twice */
            read_row(p, rows, row, &ret_photos[at], ret_vectors ? ret_vectors + at * dim : NULL);
        }
    }
    return 0;
}

#define COPIES(position)                                                            \
    "SELECT hash, path_key, id::bigint, " position "::int FROM image_gallery WHERE" \
    " hash = ANY ($1::bytea[]) ORDER BY path_key"

int postgres_list_copies(struct store *store, const uint8_t (*hashes)[HASH_BYTES], size_t n,
                         int (*each)(void *context, const struct store_copy *copy), void *context,
                         struct error *err)
{
    struct postgres *p = postgres_of(store);
    struct postgres_args args = {0};
    if (!n)
        return 0;
    AUTO_FREE char *array = array_of_hashes(hashes, n);
    args_text(&args, array);
    struct bulk bulk = {.sql = p->settings.format < 3 ? COPIES("0") : COPIES("position"),
                        .args = &args};
    int rc = postgres_attempt(p, fetch_bulk, &bulk, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = bulk.rows;
    for (int row = 0; !rc && row < PQntuples(rows); row++) {
        uint8_t hash[HASH_BYTES];
        value_hash(rows, row, 0, hash);
        AUTO_FREE char *path = value_copy(rows, row, 1);
        rc = each(context, &(struct store_copy){.hash = hash,
                                                .id = value_int(rows, row, 2),
                                                .position = (int)value_int(rows, row, 3),
                                                .path = path});
    }
    return rc;
}

/* ---- photos near vectors ---- */

/* Vectors per statement. */
#define AT_ONCE 8
/* More than the error of a cosine from rounding to float32, or from rounding the query to float16.
 */
#define SLACK 1e-3

/* Returns the statement with the conditions on the vectors; the caller frees it. */
static char *near_sql(const struct postgres *p, const uint8_t *bytes, size_t n, double least,
                      struct postgres_args *args)
{
    struct strbuf sql = STRBUF_INIT(1 << 16);
    const char *type = postgres_type(p->settings.index.storage);
    int rc =
        strbuf_addf(&sql, NULL, "SELECT id::bigint, embedding::vector FROM image_gallery WHERE");
    args_double(args, SLACK - least);
    for (size_t i = 0; !rc && i < n; i++) {
        args_bytes(args, bytes + i * vector_bytes(p->dim), vector_bytes(p->dim));
        rc = strbuf_addf(&sql, NULL, "%s (embedding <#> $%d::vector::%s) <= $1::float8",
                         i ? " OR" : "", args->count, type);
    }
    if (rc)
        BUG("the question for what is near does not fit");
    return strbuf_take(&sql);
}

struct near {
    const float *vectors; /* [n][dim] */
    size_t first, n;
    double least;
    int (*each)(void *context, size_t vector, const struct store_hit *hit);
    void *context;
};

static int give_near(struct postgres *p, const struct near *near, const PGresult *rows,
                     struct error *err)
{
    AUTO_FREE float *vector = xmalloc(p->dim * sizeof *vector);
    int rc = 0;
    for (int row = 0; !rc && row < PQntuples(rows); row++) {
        rc = value_vector(p, rows, row, 1, vector, err);
        for (size_t i = near->first; !rc && i < near->first + near->n; i++) {
            struct store_hit hit = {value_int(rows, row, 0),
                                    vectors_score(near->vectors + i * p->dim, vector, p->dim)};
            if (hit.score >= near->least)
                rc = near->each(near->context, i, &hit);
        }
    }
    return rc;
}

static int list_some(struct postgres *p, const struct near *near, struct error *err)
{
    struct postgres_args args = {0};
    size_t size = vector_bytes(p->dim);
    AUTO_FREE uint8_t *bytes = xmalloc(near->n * size);
    for (size_t i = 0; i < near->n; i++)
        vector_write(near->vectors + (near->first + i) * p->dim, p->dim, bytes + i * size);
    AUTO_FREE char *sql = near_sql(p, bytes, near->n, near->least, &args);
    struct bulk bulk = {.sql = sql, .args = &args};
    int rc = postgres_attempt(p, fetch_bulk, &bulk, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = bulk.rows;
    return give_near(p, near, rows, err);
}

int postgres_list_near(struct store *store, const float *vectors, size_t n, double least,
                       int (*each)(void *context, size_t vector, const struct store_hit *hit),
                       void *context, struct error *err)
{
    struct postgres *p = postgres_of(store);
    int rc = n ? check_using(p, err) : 0;
    for (size_t i = 0; !rc && i < n; i += AT_ONCE) {
        struct near near = {vectors, i, n - i < AT_ONCE ? n - i : AT_ONCE, least, each, context};
        rc = list_some(p, &near, err);
    }
    return rc;
}
