/* The rows that can be among the k best, found by scanning the codes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vectors/code.h"
#include "vectors/vectors.h"

struct shortlist_row {
    size_t row;
    double upper; /* no score of this row is above it */
};

struct shortlist {
    struct shortlist_row *items;
    size_t count, cap;
    double *lower; /* a heap, smallest first, of the k best lower bounds seen */
    size_t n_lower, k;
};

/* Every row that `keep` (may be NULL) keeps and whose upper bound reaches the k-th best lower
 * bound, best upper bound first. k: 1 to the number of rows. */
void shortlist_scan(const struct vectors *v, const struct code_query *q, size_t k,
                    bool (*keep)(void *context, int64_t id), void *context,
                    struct shortlist *ret_list);
void shortlist_release(struct shortlist *list);
