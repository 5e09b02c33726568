/* SPDX-License-Identifier: MIT */
/* Searches the index: scans the codes, then rescores the candidates in float32. */
#include <math.h>
#include <string.h>

#include "vectors/code.h"
#include "vectors/rows.h"
#include "vectors/shared_scan.h"

/* The best hits so far: a heap of at most k, with the worst at the top. */
struct best {
    const struct vectors_source *source;
    struct vectors_hit *hits;
    size_t count, k;
};

/* Returns < 0 if a comes before b: by score, NaN after every number, then by the source's order,
 * then by id. */
static int compare(const struct vectors_source *source, const struct vectors_hit *a,
                   const struct vectors_hit *b)
{
    if (isnan(a->score) != isnan(b->score))
        return isnan(a->score) ? 1 : -1;
    if (a->score != b->score && !isnan(a->score))
        return a->score > b->score ? -1 : 1;
    int order = source->order ? source->order(source->context, a->id, b->id) : 0;
    if (order)
        return order;
    return a->id < b->id ? -1 : a->id > b->id;
}

static bool is_worse(const struct best *best, size_t a, size_t b)
{
    return compare(best->source, &best->hits[a], &best->hits[b]) > 0;
}

static void swap(struct best *best, size_t a, size_t b)
{
    struct vectors_hit t = best->hits[a];
    best->hits[a] = best->hits[b];
    best->hits[b] = t;
}

static void sift_down(struct best *best)
{
    for (size_t i = 0, child; (child = 2 * i + 1) < best->count; i = child) {
        if (child + 1 < best->count && is_worse(best, child + 1, child))
            child++;
        if (!is_worse(best, child, i))
            return;
        swap(best, i, child);
    }
}

static void add_hit(struct best *best, struct vectors_hit hit)
{
    if (best->count < best->k) {
        size_t i = best->count++;
        best->hits[i] = hit;
        for (; i > 0 && is_worse(best, i, (i - 1) / 2); i = (i - 1) / 2)
            swap(best, i, (i - 1) / 2);
    } else if (compare(best->source, &hit, &best->hits[0]) < 0) {
        best->hits[0] = hit;
        sift_down(best);
    }
}

/* Sorts the heap in place, best first. */
static void sort_hits(struct best *best)
{
    size_t count = best->count;
    while (best->count > 1) {
        swap(best, 0, --best->count);
        sift_down(best);
    }
    best->count = count;
}

/* Rescores the shortlist from its top, until no remaining upper bound reaches the k-th best score.
 * Equal bounds continue, because ties are broken by order. */
static int rescore(const struct vectors *v, const float *query, const struct shortlist *list,
                   struct best *best, struct error *err)
{
    AUTO_FREE float *vector = xmalloc(v->dim * sizeof *vector);
    for (size_t i = 0; i < list->count; i++) {
        if (best->count == best->k && list->items[i].upper < best->hits[0].score)
            break;
        struct vectors_hit hit = {rows_id(v, list->items[i].row), 0};
        int rc = best->source->fetch(best->source->context, hit.id, vector, err);
        if (rc)
            return rc;
        hit.score = vectors_score(vector, query, v->dim);
        add_hit(best, hit);
    }
    return 0;
}

static bool is_finite(const float *vector, size_t dim)
{
    for (size_t i = 0; i < dim; i++)
        if (!isfinite(vector[i]))
            return false;
    return true;
}

/* A short scan uses one thread, so concurrent searches run in parallel instead of sharing scans. */
static void scan_codes(const struct vectors *v, struct scan_query *query)
{
    if (query->keep || !vectors_scan_is_long(v))
        vectors_scan_run(v, &query, 1);
    else
        shared_scan_run(v->shared_scan, v, query);
}

int vectors_search(const struct vectors *v, const float *query, size_t k,
                   const struct vectors_source *source, bool (*keep)(void *context, int64_t id),
                   struct vectors_hit *ret_hits, size_t *ret_count, struct error *err)
{
    if (!is_finite(query, v->dim))
        return error_set(err, ERR_INVALID,
                         "the query vector contains a value that is not a "
                         "number");
    if (k > vectors_count(v))
        k = vectors_count(v);
    if (k == 0) {
        *ret_count = 0;
        return 0;
    }
    struct code_query q;
    struct scan_query scan = {.query = &q, .k = k, .keep = keep, .context = source->context};
    code_query_init(&q, query, v->dim, v->stride);
    scan_codes(v, &scan);
    AUTO_FREE struct vectors_hit *hits = xmalloc(k * sizeof *hits);
    struct best best = {source, hits, 0, k};
    int rc = rescore(v, query, &scan.list, &best, err);
    shortlist_release(&scan.list);
    code_query_release(&q);
    if (rc)
        return rc;
    sort_hits(&best);
    memcpy(ret_hits, hits, best.count * sizeof *hits);
    *ret_count = best.count;
    return 0;
}
