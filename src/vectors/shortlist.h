/* SPDX-License-Identifier: MIT */
/* A shortlist collects the rows that can be among the k best of a query, from bounds of their
 * scores. */
#pragma once

#include <stddef.h>

struct shortlist_row {
    size_t row;
    double upper; /* upper bound of the row's score */
};

struct shortlist {
    struct shortlist_row *items;
    size_t count, cap;
    double *lower; /* a heap, smallest first, of the k best lower bounds seen */
    size_t n_lower, k;
};

void shortlist_init(struct shortlist *list, size_t k); /* k at least 1 */
void shortlist_release(struct shortlist *list);

/* Returns the k-th best lower bound so far: a row whose upper bound is below it is not among the k
 * best. */
double shortlist_threshold(const struct shortlist *list);
/* Adds a row whose upper bound reaches the threshold. */
void shortlist_add(struct shortlist *list, size_t row, double lower, double upper);
/* Adds the rows of `from`, which has the same k. */
void shortlist_merge(struct shortlist *list, const struct shortlist *from);
/* Keeps only rows whose upper bound reaches the threshold, and sorts them, best upper bound first.
 */
void shortlist_finish(struct shortlist *list);
