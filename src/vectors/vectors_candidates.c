/* SPDX-License-Identifier: MIT */
/* Finds the rows that can have the best grades, from bounds by codes. */
#include <math.h>
#include <stdlib.h>

#include "kernels/scan.h"
#include "vectors/shortlist.h"
#include "vectors/spread.h"

enum { ROWS_AT_ONCE = 512 };

struct walk {
    const struct vectors *v;
    const struct vectors_grading *grading;
    struct spread_set set;
    struct code_query *queries; /* [grading->n] */
    bool (*keep)(void *context, int64_t id);
    void *keep_context;
    struct shortlist list;
    size_t total;
    int32_t *sums;                  /* [grading->n][ROWS_AT_ONCE] */
    struct vectors_range *products; /* [grading->n] */
};

static void walk_row(struct walk *w, const struct rows_block *block, size_t index, size_t row,
                     size_t at, float deviation)
{
    const struct spread_set *set = &w->set;
    double scale = (double)block->scales[row], error = (double)block->errors[row];
    for (size_t i = 0; i < w->grading->n; i++) {
        const struct code_query *q = &w->queries[i];
        double middle = scale * q->step * w->sums[i * ROWS_AT_ONCE + at];
        double radius = error * q->by_error + scale * q->by_scale;
        w->products[i] = (struct vectors_range){middle - radius, middle + radius};
    }
    /* The cached deviation is rounded to float32. */
    double radius = error * set->by_error + scale * set->by_scale + 1e-7 * (double)deviation;
    struct vectors_range spread = {fmax(0, (double)deviation - radius), (double)deviation + radius};
    struct vectors_range grade =
        w->grading->grade(w->grading->context, block->ids[row], w->products, spread);
    w->total++;
    if (!(grade.most < shortlist_threshold(&w->list)))
        shortlist_add(&w->list, index * ROWS_PER_BLOCK + row, grade.least, grade.most);
}

/* Finds which of n rows are kept; returns whether any is. */
static bool keep_rows(const struct walk *w, const struct rows_slot *slot, size_t first, size_t n,
                      bool *ret_kept)
{
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        ret_kept[i] = !rows_is_removed(slot, first + i) &&
                      (!w->keep || w->keep(w->keep_context, slot->block->ids[first + i]));
        any |= ret_kept[i];
    }
    return any;
}

static void walk_block(struct walk *w, size_t index)
{
    const struct vectors *v = w->v;
    const struct rows_slot *slot = &v->slots[index];
    const struct rows_block *block = slot->block;
    float deviations[ROWS_AT_ONCE];
    size_t count = rows_in_block(v, index);
    for (size_t first = 0; first < count; first += ROWS_AT_ONCE) {
        size_t n = count - first < ROWS_AT_ONCE ? count - first : ROWS_AT_ONCE;
        bool kept[ROWS_AT_ONCE];
        if (!keep_rows(w, slot, first, n, kept))
            continue;
        spread_get(v, &w->set, index, first, n, deviations);
        for (size_t i = 0; i < w->grading->n; i++)
            scan_kernels()->dot(block->units + first * v->stride, n, v->stride, w->queries[i].units,
                                w->sums + i * ROWS_AT_ONCE);
        for (size_t at = 0; at < n; at++)
            if (kept[at])
                walk_row(w, block, index, first + at, at, deviations[at]);
    }
}

static int compare_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void take_ids(struct walk *w, int64_t **ret_ids, size_t *ret_count)
{
    shortlist_finish(&w->list);
    int64_t *ids = xmalloc((w->list.count + 1) * sizeof *ids);
    for (size_t i = 0; i < w->list.count; i++)
        ids[i] = rows_id(w->v, w->list.items[i].row);
    qsort(ids, w->list.count, sizeof *ids, compare_id);
    *ret_ids = ids;
    *ret_count = w->list.count;
}

static int check_finite(const float *numbers, size_t n, struct error *err)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(numbers[i]))
            return error_set(err, ERR_INVALID,
                             "the query vector contains a value that is not a number");
    return 0;
}

int vectors_candidates(const struct vectors *v, const struct vectors_grading *grading, size_t k,
                       bool (*keep)(void *context, int64_t id), void *keep_context,
                       int64_t **ret_ids, size_t *ret_count, size_t *ret_total, struct error *err)
{
    size_t n = grading->n;
    int rc = check_finite(grading->queries, n * v->dim, err);
    if (!rc)
        rc = check_finite(grading->background, grading->background_count * v->dim, err);
    if (rc)
        return rc;
    AUTO_FREE struct code_query *queries = xcalloc(n, sizeof *queries);
    AUTO_FREE int32_t *sums = xcalloc(n * ROWS_AT_ONCE, sizeof *sums);
    AUTO_FREE struct vectors_range *products = xcalloc(n, sizeof *products);
    struct walk w = {.v = v,
                     .grading = grading,
                     .queries = queries,
                     .keep = keep,
                     .keep_context = keep_context,
                     .sums = sums,
                     .products = products};
    for (size_t i = 0; i < n; i++)
        code_query_init(&queries[i], grading->queries + i * v->dim, v->dim, v->stride);
    spread_set_init(&w.set, grading->background, grading->background_count, v->dim, v->stride);
    spread_fill(v, &w.set);
    shortlist_init(&w.list, k);
    for (size_t b = 0; b < v->n_blocks; b++)
        walk_block(&w, b);
    take_ids(&w, ret_ids, ret_count);
    *ret_total = w.total;
    shortlist_release(&w.list);
    spread_set_release(&w.set);
    for (size_t i = 0; i < n; i++)
        code_query_release(&queries[i]);
    return 0;
}
