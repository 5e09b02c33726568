/* SPDX-License-Identifier: MIT */
/* Searches by vector in the shared index, and keeps that index up to date. */
#include <string.h>

#include "store/id_set.h"
#include "store/sqlite/sqlite_index.h"
#include "store/sqlite/sqlite_internal.h"

struct counters {
    int64_t change, rewrite;
};

static int get_counters(struct sqlite *s, struct counters *ret_counters, struct error *err)
{
    struct query q = query_start(s, "SELECT change, rewrite FROM gallery");
    int rc = query_next(&q, err);
    if (rc > 0)
        *ret_counters = (struct counters){sqlite3_column_int64(q.statement, 0),
                                          sqlite3_column_int64(q.statement, 1)};
    query_end(&q);
    if (rc == 0)
        return error_set(err, ERR_CORRUPT, "the gallery %s is damaged: its counters are gone",
                         s->store.name);
    return rc < 0 ? rc : 0;
}

int sqlite_read_change(struct sqlite *s, int64_t *ret_change, struct error *err)
{
    struct counters now;
    int rc = get_counters(s, &now, err);
    if (!rc)
        *ret_change = now.change;
    return rc;
}

void sqlite_forget_index(struct sqlite *s)
{
    sqlite_index_close(s->index);
    s->index = NULL;
}

/* Ids only ever grow, so photos added since are those above the largest id known; anything else
 * that happened to a vector shows in `rewrite`. */
static int refresh_index(struct sqlite *s, size_t dim, const struct counters *now,
                         struct error *err)
{
    struct sqlite_index *index = s->index;
    if (index->vectors && now->change == index->change)
        return 0;
    if (index->vectors && (now->rewrite > index->change || now->change < index->change))
        sqlite_index_clear(index);
    if (!index->vectors)
        index->vectors = vectors_new(dim);
    int rc = sqlite_codes_load(s, index->vectors, index->last_id, &index->last_id, err);
    if (rc)
        sqlite_index_clear(index);
    else
        index->change = now->change;
    return rc;
}

/* Positive, for who has to look at the gallery anew. */
#define INDEX_IS_NEWER 1

/* Takes the index for reading, as of the moment that this transaction sees. Others may have read it
 * later than that: `known` is its change before the transaction began, and a gallery that is older
 * still was put back from a copy. */
static int take_index(struct sqlite *s, size_t dim, int64_t known, struct error *err)
{
    struct counters now = {0, 0};
    struct sqlite_index *index = s->index;
    int rc = get_counters(s, &now, err);
    if (rc)
        return rc;
    sqlite_index_read(index);
    while (!index->vectors || index->change != now.change) {
        bool newer = now.change < index->change && now.change >= known;
        sqlite_index_end(index);
        if (newer)
            return INDEX_IS_NEWER;
        sqlite_index_write(index);
        newer = now.change < index->change && now.change >= known;
        rc = newer ? INDEX_IS_NEWER : refresh_index(s, dim, &now, err);
        sqlite_index_end(index);
        if (rc)
            return rc;
        sqlite_index_read(index);
    }
    return 0;
}

static int fetch_vector(void *context, int64_t id, float *ret_vector, struct error *err)
{
    int rc = sqlite_get_vector(context, id, ret_vector, err);
    if (rc == ERR_NOT_FOUND) /* of a code read in the same transaction */
        return error_set(err, ERR_CORRUPT, "photo %lld has no vector", (long long)id);
    return rc;
}

static int order_by_path(void *context, int64_t a, int64_t b)
{
    int64_t before;
    if (a == b)
        return 0;
    struct query q = query_start(context, "SELECT x.path < y.path FROM photo AS x, photo AS y"
                                          " WHERE x.id = ? AND y.id = ?");
    query_int(&q, a);
    query_int(&q, b);
    if (query_get_int(&q, &before, NULL))
        return 0; /* such a failure shows in the fetch beside it */
    return before ? -1 : 1;
}

static bool keep_sound(void *context, int64_t id)
{
    return !id_set_has(((const struct sqlite *)context)->unsound, id) && sqlite_keep(context, id);
}

/* With the index taken. */
static int search_index(struct sqlite *s, const float *query, size_t k, const struct bounds *bounds,
                        struct store_hit *ret_hits, size_t *ret_count, struct error *err)
{
    const struct vectors *vectors = s->index->vectors;
    struct vectors_source source = {s, fetch_vector, order_by_path};
    if (k > vectors_count(vectors))
        k = vectors_count(vectors);
    AUTO_FREE struct vectors_hit *hits = xmalloc(k * sizeof *hits);
    bool (*keep)(void *context, int64_t id) = s->unsound    ? keep_sound
                                              : bounds->any ? sqlite_keep
                                                            : NULL;
    int rc = vectors_search(vectors, query, k, &source, keep, hits, ret_count, err);
    for (size_t i = 0; !rc && i < *ret_count; i++)
        ret_hits[i] = (struct store_hit){hits[i].id, hits[i].score};
    return rc;
}

static int search_snapshot(struct sqlite *s, const float *query, size_t k,
                           const struct bounds *bounds, int64_t known, struct store_hit *ret_hits,
                           size_t *ret_count, struct error *err)
{
    size_t dim;
    struct error unbound;
    int rc = sqlite_get_dim(&s->store, &dim, &unbound);
    *ret_count = 0;
    if (rc)
        return rc == ERR_NOT_FOUND ? 0 : error_set(err, rc, "%s", unbound.message);
    rc = sqlite_filter_prepare(s, bounds, err);
    if (!rc)
        rc = take_index(s, dim, known, err);
    if (rc)
        return rc;
    struct error why = ERROR_INIT;
    sqlite_forget_unsound(s, s->index->change);
    rc = search_index(s, query, k, bounds, ret_hits, ret_count, &why);
    if (rc == ERR_CORRUPT) { /* of one photo: search among the others */
        rc = sqlite_find_unsound(s, s->index->change, &why);
        if (!rc)
            rc = search_index(s, query, k, bounds, ret_hits, ret_count, &why);
    }
    sqlite_index_end(s->index);
    return rc < 0 ? error_set(err, rc, "%s", why.message) : rc;
}

static int64_t known_change(struct sqlite *s)
{
    if (!s->index)
        s->index = sqlite_index_open(s);
    sqlite_index_read(s->index);
    int64_t change = s->index->change;
    sqlite_index_end(s->index);
    return change;
}

int sqlite_search(struct store *store, const float *query, size_t k, bool exact,
                  const struct bounds *bounds, struct store_hit *ret_hits, size_t *ret_count,
                  struct error *err)
{
    struct sqlite *s = sqlite_of(store);
    (void)exact; /* always */
    size_t count = 0;
    int rc;
    do {
        int64_t known = known_change(s);
        rc = sqlite_begin_read(s, err);
        if (rc)
            return rc;
        if (!s->index) /* let go of when it connected anew */
            known = known_change(s);
        int found = search_snapshot(s, query, k, bounds, known, ret_hits, &count, err);
        rc = sqlite_finish(s, found < 0 ? found : 0, err);
        rc = rc ? rc : found;
    } while (rc == INDEX_IS_NEWER);
    if (!rc)
        *ret_count = count;
    return rc;
}
