#include <string.h>

#include "store/sqlite.h"

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
                         s->name);
    return rc < 0 ? rc : 0;
}

int sqlite_get_change(struct sqlite *s, int64_t *ret_change, struct error *err)
{
    struct counters now;
    int rc = get_counters(s, &now, err);
    if (!rc)
        *ret_change = now.change;
    return rc;
}

void sqlite_forget_index(struct sqlite *s)
{
    vectors_free(s->index);
    s->index = NULL;
    s->index_change = s->index_last_id = 0;
}

/* Ids only ever grow, so photos added since are those above the largest id known; anything else
 * that happened to a vector shows in `rewrite`. */
static int refresh_index(struct sqlite *s, size_t dim, struct error *err)
{
    struct counters now = {0, 0};
    int rc = get_counters(s, &now, err);
    if (rc)
        return rc;
    if (s->index && now.change == s->index_change)
        return 0;
    if (s->index && (now.rewrite > s->index_change || now.change < s->index_change))
        sqlite_forget_index(s);
    if (!s->index)
        s->index = vectors_new(dim);
    rc = sqlite_codes_load(s, s->index, s->index_last_id, &s->index_last_id, err);
    if (rc)
        sqlite_forget_index(s);
    else
        s->index_change = now.change;
    return rc;
}

static int fetch_vector(void *context, int64_t id, float *ret_vector, struct error *err)
{
    struct sqlite *s = context;
    int rc = sqlite_get_vector(s, id, ret_vector, err);
    if (rc == ERR_NOT_FOUND) /* of a code read in the same transaction */
        return error_set(err, ERR_CORRUPT,
                         "the gallery %s is damaged (photo %lld has no vector): put back a copy, "
                         "or move it away and index again; your photos are not affected",
                         s->name, (long long)id);
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

static int search_snapshot(struct sqlite *s, const float *query, size_t k,
                           const struct bounds *bounds, struct store_hit *ret_hits,
                           size_t *ret_count, struct error *err)
{
    size_t dim;
    struct error unbound;
    int rc = sqlite_get_dim(s, &dim, &unbound);
    *ret_count = 0;
    if (rc)
        return rc == ERR_NOT_FOUND ? 0 : error_set(err, rc, "%s", unbound.message);
    rc = refresh_index(s, dim, err);
    if (!rc)
        rc = sqlite_filter_prepare(s, bounds, err);
    if (rc)
        return rc;
    struct vectors_source source = {s, fetch_vector, order_by_path};
    if (k > vectors_count(s->index))
        k = vectors_count(s->index);
    AUTO_FREE struct vectors_hit *hits = xmalloc(k * sizeof *hits);
    rc = vectors_search(s->index, query, k, &source, bounds->any ? sqlite_keep : NULL, hits,
                        ret_count, err);
    for (size_t i = 0; !rc && i < *ret_count; i++)
        ret_hits[i] = (struct store_hit){hits[i].id, hits[i].score};
    return rc;
}

int sqlite_search(struct sqlite *s, const float *query, size_t k, const struct bounds *bounds,
                  struct store_hit *ret_hits, size_t *ret_count, struct error *err)
{
    size_t count;
    int rc = sqlite_begin_read(s, err);
    if (rc)
        return rc;
    rc = sqlite_finish(s, search_snapshot(s, query, k, bounds, ret_hits, &count, err), err);
    if (!rc)
        *ret_count = count;
    return rc;
}
