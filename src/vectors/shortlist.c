#include "vectors/shortlist.h"

#include <math.h>
#include <pthread.h>
#include <unistd.h>

#include "base/memory.h"
#include "kernels/scan.h"
#include "vectors/rows.h"

/* Below this many bytes of codes a second thread costs more than it brings. */
#define BYTES_PER_THREAD ((size_t)16 << 20)
#define MAX_THREADS 16

struct scan {
    const struct vectors *v;
    const struct code_query *q;
    bool (*keep)(void *context, int64_t id);
    void *context;
    size_t first_block, end_block;
    struct shortlist list;
};

static void swap(double *a, double *b)
{
    double t = *a;
    *a = *b;
    *b = t;
}

static void sift_up(double *heap, size_t i)
{
    for (; i > 0 && heap[i] < heap[(i - 1) / 2]; i = (i - 1) / 2)
        swap(&heap[i], &heap[(i - 1) / 2]);
}

static void sift_down(double *heap, size_t n)
{
    for (size_t i = 0, child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && heap[child + 1] < heap[child])
            child++;
        if (!(heap[child] < heap[i]))
            return;
        swap(&heap[i], &heap[child]);
    }
}

/* The k-th best lower bound so far. */
static double threshold(const struct shortlist *list)
{
    return list->n_lower < list->k ? -INFINITY : list->lower[0];
}

static void add_lower(struct shortlist *list, double lower)
{
    if (list->n_lower < list->k) {
        list->lower[list->n_lower] = lower;
        sift_up(list->lower, list->n_lower++);
    } else if (lower > list->lower[0]) {
        list->lower[0] = lower;
        sift_down(list->lower, list->k);
    }
}

static void add_row(struct shortlist *list, size_t row, double upper)
{
    ARRAY_GROW(list->items, list->cap, list->count + 1);
    list->items[list->count++] = (struct shortlist_row){row, upper};
}

static void scan_block(struct scan *s, size_t index, int32_t *sums)
{
    const struct rows_block *block = s->v->blocks[index];
    const struct code_query *q = s->q;
    size_t n = rows_in_block(s->v, index);
    scan_kernels()->dot(block->units, n, s->v->stride, q->units, sums);
    double limit = threshold(&s->list);
    for (size_t r = 0; r < n; r++) {
        double scale = (double)block->scales[r];
        double middle = scale * q->step * sums[r];
        double radius = (double)block->errors[r] * q->by_error + scale * q->by_scale;
        if (middle + radius < limit || (s->keep && !s->keep(s->context, block->ids[r])))
            continue;
        add_row(&s->list, index * ROWS_PER_BLOCK + r, middle + radius);
        add_lower(&s->list, middle - radius);
        limit = threshold(&s->list);
    }
}

static void *scan_blocks(void *context)
{
    struct scan *s = context;
    int32_t sums[ROWS_PER_BLOCK];
    for (size_t b = s->first_block; b < s->end_block; b++)
        scan_block(s, b, sums);
    return NULL;
}

/* `keep` is the caller's and belongs to its thread, so a filtered search has one. */
static size_t thread_count(const struct vectors *v, bool filtered)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = v->count * v->stride / BYTES_PER_THREAD;
    if (processors > 0 && n > (size_t)processors)
        n = (size_t)processors;
    if (n > MAX_THREADS)
        n = MAX_THREADS;
    return filtered || n < 1 ? 1 : n;
}

/* The first part is scanned here; so is any part that gets no thread. */
static void scan_parts(struct scan *parts, size_t n)
{
    pthread_t threads[MAX_THREADS];
    bool started[MAX_THREADS] = {false};
    for (size_t i = 1; i < n; i++)
        started[i] = pthread_create(&threads[i], NULL, scan_blocks, &parts[i]) == 0;
    for (size_t i = 0; i < n; i++)
        if (!started[i])
            scan_blocks(&parts[i]);
    for (size_t i = 1; i < n; i++)
        if (started[i])
            pthread_join(threads[i], NULL);
}

static int by_upper(const void *a, const void *b)
{
    const struct shortlist_row *x = a, *y = b;
    if (x->upper != y->upper)
        return x->upper > y->upper ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Adds b to a. */
static void merge(struct shortlist *a, const struct shortlist *b)
{
    for (size_t i = 0; i < b->n_lower; i++)
        add_lower(a, b->lower[i]);
    for (size_t i = 0; i < b->count; i++)
        add_row(a, b->items[i].row, b->items[i].upper);
}

/* Drops what came before the threshold was as high as it is now. */
static void prune(struct shortlist *list)
{
    double limit = threshold(list);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (!(list->items[i].upper < limit))
            list->items[kept++] = list->items[i];
    list->count = kept;
    if (kept)
        qsort(list->items, kept, sizeof *list->items, by_upper);
}

void shortlist_scan(const struct vectors *v, const struct code_query *q, size_t k,
                    bool (*keep)(void *context, int64_t id), void *context,
                    struct shortlist *ret_list)
{
    struct scan parts[MAX_THREADS];
    size_t n = thread_count(v, keep != NULL);
    for (size_t i = 0; i < n; i++) {
        parts[i] = (struct scan){v, q, keep, context, v->n_blocks * i / n, 0, {0}};
        parts[i].end_block = v->n_blocks * (i + 1) / n;
        parts[i].list.k = k;
        parts[i].list.lower = xmalloc(k * sizeof(double));
    }
    scan_parts(parts, n);
    for (size_t i = 1; i < n; i++) {
        merge(&parts[0].list, &parts[i].list);
        shortlist_release(&parts[i].list);
    }
    *ret_list = parts[0].list;
    prune(ret_list);
}

void shortlist_release(struct shortlist *list)
{
    free(list->items);
    free(list->lower);
    *list = (struct shortlist){0};
}
