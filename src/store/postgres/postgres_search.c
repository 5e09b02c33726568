/* SPDX-License-Identifier: MIT */
/* Searches by vector, exactly or by index, and rescores the candidates. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres/postgres_effort.h"
#include "store/postgres/postgres_internal.h"
#include "vectors/vectors.h"

/* Rows requested beyond the k wanted ones: nearly always enough to reach a distance at which
 * rounding cannot change the result. A later page begins with as many before it. */
#define MARGIN 16
/* How many times more rows are requested before a page where they did not suffice. */
#define WIDER 8
/* With more rows than this, a search is exact: an index would go through a large part of itself. */
#define LARGEST_INDEX_SEARCH 10000

struct candidate {
    int64_t id;
    double score;     /* exact */
    double distance;  /* pgvector's negative inner product, in float32 */
    const char *path; /* bytes; points into the result */
    size_t path_size;
    int shard; /* number of the shard, on a split gallery */
};

struct searching {
    const uint8_t *query; /* in pgvector's binary format */
    const struct criteria *where;
    size_t limit;
    size_t offset; /* the nearest rows that are not fetched */
    bool exact;
    PGresult *rows;
};

/* Returns the maximum error of pgvector's inner product. It sums n products in float32 in any
 * order; each of the n roundings is at most 2^-24 of the sum of the absolute products, which is at
 * most 1.02 * 1.02 for vectors of unit length as defined by store.h. A query that is compared with
 * halfvec is itself rounded, by at most 2^-11 of its length. */
static double rounding(const struct postgres *p)
{
    double sums = 1.05 * (double)(p->dim + 1) * 0x1p-24;
    return p->settings.index.storage == STORE_STORAGE_HALFVEC ? sums + 1.05 * 0x1p-11 : sums;
}

/* Returns the expression that a search sorts by, which is that of the index, if it uses one. `+ 0`
 * prevents the use of an index. */
static char *order_sql(const struct postgres *p, const struct searching *s)
{
    const struct store_index *index = &p->settings.index;
    const char *type = postgres_type(index->storage);
    if (s->exact)
        return xasprintf("(embedding <#> $1::vector::%s) + 0", type);
    AUTO_FREE char *vector = xasprintf("$1::vector::%s", type);
    AUTO_FREE char *left = postgres_quantized(p, index->built_quantize, "embedding");
    AUTO_FREE char *right = postgres_quantized(p, index->built_quantize, vector);
    const char *operator= index->built_quantize == STORE_QUANTIZE_BIT
        ? "<~>"
        : postgres_operator(index->metric);
    return xasprintf("%s %s %s", left, operator, right);
}

/* Returns how many rows the index gives: more than are wanted if it knows only bits of them. */
static size_t count_candidates(const struct postgres *p, const struct searching *s)
{
    const struct store_index *index = &p->settings.index;
    if (s->exact || index->built_quantize != STORE_QUANTIZE_BIT)
        return s->limit;
    int64_t usual = (int64_t)s->limit * strtoll(POSTGRES_BIT_CANDIDATES, NULL, 10);
    return (size_t)postgres_option(index->options, "candidates", usual);
}

/* $1: rows; $2: whether the search is filtered. */
static const char effort_sql[] = POSTGRES_EFFORT_SQL("$1", "$2");
/* The shards sort the rows. */
static const char split_sql[] = "SELECT set_config('enable_sort', 'off', true)";

static int send_settings(struct postgres *p, const struct searching *s, struct error *err)
{
    struct postgres_args args = {0};
    if (p->settings.shards)
        return postgres_pipeline_send(p, split_sql, NULL, err);
    if (s->exact)
        return 0;
    args_int(&args, (int64_t)count_candidates(p, s));
    args_int(&args, s->where != NULL);
    return postgres_pipeline_send(p, effort_sql, &args, err);
}

/* Returns the statement of a search. The caller frees it. The exact one takes ids first: a sort of
 * whole rows would move every vector, and convert every halfvec. So does that of a later page,
 * whose earlier rows stay on the server. */
static char *search_sql(const struct postgres *p, const struct searching *s, const char *where)
{
    const char *type = postgres_type(p->settings.index.storage);
    AUTO_FREE char *order = order_sql(p, s);
    size_t candidates = count_candidates(p, s);
    if (p->settings.shards)
        return postgres_shards_search_sql(p->settings.shards, type, order, where, candidates);
    AUTO_FREE char *start = xasprintf("SELECT id::bigint, path_key, embedding::vector, embedding"
                                      " <#> $1::vector::%s FROM image_gallery WHERE",
                                      type);
    if (s->exact)
        return xasprintf("%s id = ANY (ARRAY(SELECT id FROM image_gallery WHERE %s ORDER BY %s"
                         " LIMIT $2::bigint OFFSET %zu))",
                         start, where, order, s->offset);
    if (candidates > s->limit || s->offset)
        return xasprintf("%s id = ANY (ARRAY(SELECT id FROM (SELECT id, embedding <#>"
                         " $1::vector::%s AS distance FROM image_gallery WHERE %s ORDER BY %s LIMIT"
                         " %zu) AS near ORDER BY distance LIMIT $2::bigint OFFSET %zu))",
                         start, type, where, order, candidates, s->offset);
    return xasprintf("%s %s ORDER BY %s LIMIT $2::bigint", start, where, order);
}

/* Returns `where` with the condition that the gallery uses the model that this store expects; the
 * caller frees it. */
static char *only_of_model(const struct postgres *p, const char *where, struct postgres_args *args)
{
    const struct store_model *using = &p->store.using;
    if (p->settings.shards || !using->dim)
        return xstrdup(where);
    args_text(args, using->fingerprint);
    args_int(args, using->preprocessing);
    return xasprintf("%s AND (SELECT model_fingerprint = $%d AND model_preprocessing = $%d::integer"
                     " FROM keepsake_gallery)",
                     where, args->count - 1, args->count);
}

/* Checks whether the search found nothing because of another model. */
static int check_model(struct postgres *p, struct searching *s, struct error *err)
{
    if (p->settings.shards || !p->store.using.dim || !s->rows || PQntuples(s->rows))
        return 0;
    int rc = postgres_check_model(p, err);
    if (rc) {
        PQclear(s->rows);
        s->rows = NULL;
    }
    return rc;
}

/* Searches in a pipeline, which is one transaction, to which the settings in it are local. */
static int fetch_candidates(struct postgres *p, void *context, struct error *err)
{
    struct searching *s = context;
    struct postgres_args args = {0};
    args_bytes(&args, s->query, vector_bytes(p->dim));
    if (!p->settings.shards)
        args_int(&args, (int64_t)(s->limit - s->offset));
    AUTO_CRITERIA_SQL filter = postgres_filter_sql(p, s->where, &args);
    AUTO_FREE char *where = only_of_model(p, filter.text.data, &args);
    AUTO_FREE char *sql = search_sql(p, s, where);
    int rc = postgres_pipeline_start(p, err);
    if (rc)
        return rc;
    rc = send_settings(p, s, err);
    if (!rc)
        rc = postgres_pipeline_send(p, sql, &args, err);
    rc = postgres_pipeline_finish(p, rc, &s->rows, err);
    return rc ? rc : check_model(p, s, err);
}

static int compare(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    size_t shorter = x->path_size < y->path_size ? x->path_size : y->path_size;
    int order = memcmp(x->path, y->path, shorter);
    return order ? order : (x->path_size > y->path_size) - (x->path_size < y->path_size);
}

/* Computes the exact scores of the rows with a vector; *ret_candidates (the caller frees it) is
 * sorted. */
static int rescore(struct postgres *p, const PGresult *rows, const float *query,
                   struct candidate **ret_candidates, size_t *ret_count, struct error *err)
{
    size_t n = (size_t)PQntuples(rows), count = 0;
    bool split = PQnfields(rows) > 5;
    AUTO_FREE float *vector = xmalloc(p->dim * sizeof *vector);
    AUTO_FREE struct candidate *candidates = xmalloc((n + 1) * sizeof *candidates);
    for (int i = 0; i < (int)n; i++) {
        if (PQgetisnull(rows, i, 2))
            continue;
        int rc = value_vector(p, rows, i, 2, vector, err);
        if (rc)
            return rc;
        candidates[count++] = (struct candidate){
            .id = value_int(rows, i, 0),
            .score = vectors_score(query, vector, p->dim),
            .distance = value_double(rows, i, 3),
            .path = value_bytes(rows, i, 1),
            .path_size = (size_t)PQgetlength(rows, i, 1),
            .shard = split ? (int)value_int(rows, i, 5) : 0,
        };
    }
    qsort(candidates, count, sizeof *candidates, compare);
    *ret_candidates = candidates;
    candidates = NULL;
    *ret_count = count;
    return 0;
}

/* Returns whether no further row of a shard can be among the k best: the shard's farthest row is
 * beyond the k-th by more than the rounding error, and its further rows are even farther. With an
 * approximate index: whether the shard returned as many rows as requested. */
static bool is_shard_complete(const struct postgres *p, const struct searching *s,
                              const struct candidate *c, size_t count, size_t k, int shard)
{
    size_t given = 0;
    double farthest = -DBL_MAX;
    for (size_t i = 0; i < count; i++) {
        if (c[i].shard != shard)
            continue;
        given++;
        farthest = c[i].distance > farthest ? c[i].distance : farthest;
    }
    if (!s->exact)
        return given >= s->limit - s->offset;
    return given < s->limit - s->offset || farthest + c[k - 1].score > rounding(p);
}

static bool is_complete(const struct postgres *p, const struct searching *s,
                        const struct candidate *c, size_t count, size_t k)
{
    int shard = 0, shards = p->settings.shards > 0 ? p->settings.shards : 1;
    while (shard < shards && is_shard_complete(p, s, c, count, k, shard))
        shard++;
    return shard == shards;
}

/* Returns whether the rows that were not fetched come before the row number `first` of those that
 * were: no such row is farther than the nearest fetched one, but for the rounding error. */
static bool is_start_certain(const struct postgres *p, const struct searching *s,
                             const struct candidate *c, size_t count, size_t first)
{
    double nearest = DBL_MAX;
    for (size_t i = 0; i < count; i++)
        nearest = c[i].distance < nearest ? c[i].distance : nearest;
    return s->offset == 0 || (count > first && -c[first].score > nearest + rounding(p));
}

/* A page of the nearest photos. */
struct page {
    size_t skip, k;
    struct store_hit *ret_hits; /* [k - skip] */
    size_t *ret_count;
};

static int search_once(struct postgres *p, struct searching *s, const float *query,
                       const struct page *page, bool *ret_complete, struct error *err)
{
    int rc = postgres_attempt(p, fetch_candidates, s, err);
    if (rc)
        return rc;
    AUTO_RESULT *rows = s->rows;
    struct candidate *sorted;
    size_t count;
    rc = rescore(p, rows, query, &sorted, &count, err);
    if (rc)
        return rc;
    AUTO_FREE struct candidate *candidates = sorted;
    size_t skip = page->skip - s->offset, k = page->k - s->offset;
    *ret_complete = false;
    if (!is_start_certain(p, s, candidates, count, skip)) {
        s->offset = skip * WIDER < page->skip ? page->skip - skip * WIDER : 0;
        return 0;
    }
    *ret_complete = (!s->exact && !s->where) || is_complete(p, s, candidates, count, k);
    size_t end = count < k ? count : k;
    *page->ret_count = s->offset + end;
    for (size_t i = skip; *ret_complete && i < end; i++)
        page->ret_hits[i - skip] = (struct store_hit){candidates[i].id, candidates[i].score};
    return 0;
}

static int refresh_settings(struct postgres *p, struct error *err)
{
    struct store_model model;
    struct error why;
    int rc = postgres_get_model(&p->store, &model, &why);
    if (!rc)
        rc = store_check_using(&p->store, &model, err);
    if (rc == ERR_MISMATCH) { /* the next user reads them again */
        p->dim = 0;
        p->settings.bound = false;
        return rc;
    }
    return rc && rc != ERR_NOT_FOUND ? error_set(err, rc, "%s", why.message) : 0;
}

/* Returns whether an index is not worth using: there is none, or the search is for many rows, or
 * its filter leaves few photos, among which an index searches longer and finds less. */
static int choose_exact(struct postgres *p, struct searching *s, bool exact, struct error *err)
{
    s->exact =
        exact || p->settings.index.built == STORE_INDEX_NONE || s->limit > LARGEST_INDEX_SEARCH;
    if (s->exact || !s->where || p->settings.shards)
        return 0;
    return postgres_leaves_few(p, s->where, &s->exact, err);
}

int postgres_search(struct store *store, const float *query, size_t skip, size_t k, bool exact,
                    const struct criteria *where, struct store_hit *ret_hits, size_t *ret_count,
                    struct error *err)
{
    struct postgres *p = postgres_of(store);
    int rc = refresh_settings(p, err);
    if (rc)
        return rc;
    if (!p->dim || !k) {
        *ret_count = 0;
        return 0;
    }
    AUTO_FREE uint8_t *bytes = xmalloc(vector_bytes(p->dim));
    vector_write(query, p->dim, bytes);
    struct searching s = {.query = bytes, .where = where, .limit = k + MARGIN};
    size_t count = 0;
    struct page page = {skip, k, ret_hits, &count};
    if (!p->settings.shards && skip > MARGIN)
        s.offset = skip - MARGIN;
    rc = choose_exact(p, &s, exact, err);
    while (!rc) {
        bool complete = false;
        size_t offset = s.offset;
        rc = search_once(p, &s, query, &page, &complete, err);
        if (complete)
            break;
        if (s.offset < offset)
            continue;
        if (s.exact)
            s.limit *= 2;
        s.exact = true; /* a filtered index scan may end before it has found all rows */
    }
    if (!rc)
        *ret_count = count;
    return rc;
}
