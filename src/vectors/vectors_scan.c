/* SPDX-License-Identifier: MIT */
/* Scans the codes for one or several queries, with several threads. */
#include "vectors/vectors_scan.h"

#include <pthread.h>
#include <unistd.h>

#include "base/memory.h"
#include "kernels/scan.h"
#include "vectors/rows.h"

/* Minimum bytes of codes per thread; with less, another thread costs more than it gains. */
#define BYTES_PER_THREAD ((size_t)16 << 20)
#define MAX_THREADS 16

/* Rows that all queries are compared with in turn: 256 KB for ViT-B/32, which stay in the core's
 * private cache. */
#define ROWS_AT_ONCE 512

/* The range of blocks that one thread scans. */
struct range {
    const struct vectors *v;
    struct scan_query *const *queries;
    struct shortlist *lists; /* [n] */
    size_t n;
    size_t first_block, end_block;
};

/* A range of rows in one block. */
struct stretch {
    const struct rows_slot *slot;
    const struct rows_block *block; /* block of the slot */
    size_t block_index;
    size_t first, n; /* in the block */
};

/* Adds the rows that can be among the k best to the shortlist. */
static void list_rows(const struct stretch *s, const int32_t *sums, const struct scan_query *p,
                      struct shortlist *list)
{
    const struct code_query *q = p->query;
    double limit = shortlist_threshold(list);
    for (size_t i = 0; i < s->n; i++) {
        size_t r = s->first + i;
        double scale = (double)s->block->scales[r];
        double middle = scale * q->step * sums[i];
        double radius = (double)s->block->errors[r] * q->by_error + scale * q->by_scale;
        if (middle + radius < limit || rows_is_removed(s->slot, r) ||
            (p->keep && !p->keep(p->context, s->block->ids[r])))
            continue;
        shortlist_add(list, s->block_index * ROWS_PER_BLOCK + r, middle - radius, middle + radius);
        limit = shortlist_threshold(list);
    }
}

static void scan_block(const struct range *p, size_t index)
{
    int32_t sums[ROWS_AT_ONCE];
    size_t count = rows_in_block(p->v, index), stride = p->v->stride;
    struct stretch s = {
        .slot = &p->v->slots[index], .block = p->v->slots[index].block, .block_index = index};
    for (; s.first < count; s.first += ROWS_AT_ONCE) {
        s.n = count - s.first < ROWS_AT_ONCE ? count - s.first : ROWS_AT_ONCE;
        for (size_t i = 0; i < p->n; i++) {
            const int16_t *query = p->queries[i]->query->units;
            scan_kernels()->dot(s.block->units + s.first * stride, s.n, stride, query, sums);
            list_rows(&s, sums, p->queries[i], &p->lists[i]);
        }
    }
}

static void *scan_range(void *context)
{
    const struct range *p = context;
    for (size_t b = p->first_block; b < p->end_block; b++)
        scan_block(p, b);
    return NULL;
}

static size_t thread_count(const struct vectors *v)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = v->rows * v->stride / BYTES_PER_THREAD;
    if (processors > 0 && n > (size_t)processors)
        n = (size_t)processors;
    if (n > MAX_THREADS)
        n = MAX_THREADS;
    return n < 1 ? 1 : n;
}

bool vectors_scan_is_long(const struct vectors *v)
{
    return thread_count(v) > 1;
}

/* Scans the first range in this thread, and also any range whose thread could not be started. */
static void scan_ranges(struct range *ranges, size_t n)
{
    pthread_t threads[MAX_THREADS];
    bool started[MAX_THREADS] = {false};
    for (size_t i = 1; i < n; i++)
        started[i] = pthread_create(&threads[i], NULL, scan_range, &ranges[i]) == 0;
    for (size_t i = 0; i < n; i++)
        if (!started[i])
            scan_range(&ranges[i]);
    for (size_t i = 1; i < n; i++)
        if (started[i])
            pthread_join(threads[i], NULL);
}

void vectors_scan_run(const struct vectors *v, struct scan_query *const *queries, size_t n)
{
    struct range ranges[MAX_THREADS];
    size_t n_ranges = queries[0]->keep ? 1 : thread_count(v);
    AUTO_FREE struct shortlist *lists = xcalloc(n_ranges * n, sizeof *lists);
    for (size_t i = 0; i < n_ranges * n; i++)
        shortlist_init(&lists[i], queries[i % n]->k);
    for (size_t t = 0; t < n_ranges; t++)
        ranges[t] = (struct range){v,
                                   queries,
                                   lists + t * n,
                                   n,
                                   v->n_blocks * t / n_ranges,
                                   v->n_blocks * (t + 1) / n_ranges};
    scan_ranges(ranges, n_ranges);
    for (size_t i = n; i < n_ranges * n; i++) {
        shortlist_merge(&lists[i % n], &lists[i]);
        shortlist_release(&lists[i]);
    }
    for (size_t i = 0; i < n; i++) {
        shortlist_finish(&lists[i]);
        queries[i]->list = lists[i];
    }
}
