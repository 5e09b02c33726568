/* SPDX-License-Identifier: MIT */
/* Collects the rows that can be among the k best, by bounds of their scores. */
#include "vectors/shortlist.h"

#include <math.h>

#include "base/memory.h"

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

void shortlist_init(struct shortlist *list, size_t k)
{
    *list = (struct shortlist){.k = k, .lower = xmalloc(k * sizeof(double))};
}

void shortlist_release(struct shortlist *list)
{
    free(list->items);
    free(list->lower);
    *list = (struct shortlist){0};
}

double shortlist_threshold(const struct shortlist *list)
{
    return list->n_lower < list->k ? -INFINITY : list->lower[0];
}

void shortlist_add(struct shortlist *list, size_t row, double lower, double upper)
{
    add_row(list, row, upper);
    add_lower(list, lower);
}

void shortlist_merge(struct shortlist *list, const struct shortlist *from)
{
    for (size_t i = 0; i < from->n_lower; i++)
        add_lower(list, from->lower[i]);
    for (size_t i = 0; i < from->count; i++)
        add_row(list, from->items[i].row, from->items[i].upper);
}

static int by_upper(const void *a, const void *b)
{
    const struct shortlist_row *x = a, *y = b;
    if (x->upper != y->upper)
        return x->upper > y->upper ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Removes rows that were added when the threshold was lower. */
void shortlist_finish(struct shortlist *list)
{
    double limit = shortlist_threshold(list);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (!(list->items[i].upper < limit))
            list->items[kept++] = list->items[i];
    list->count = kept;
    if (kept)
        qsort(list->items, kept, sizeof *list->items, by_upper);
}
