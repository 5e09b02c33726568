/* SPDX-License-Identifier: MIT */
/* The deviations of rows over a fixed set of vectors (struct vectors_grading), computed from codes.
 *
 * The deviation of a row x over vectors b is |C x| / sqrt(n), where the rows of C are the b minus
 * their mean. By the triangle inequality it differs from that of the code of x by at most the
 * rounding error of x times the largest singular value of C. */
#pragma once

#include <stdint.h>

#include "vectors/code.h"
#include "vectors/rows.h"

/* Deviations of the first rows of a block, which never change. */
struct spread {
    uint64_t key; /* of the set of vectors */
    size_t count;
    float deviations[ROWS_PER_BLOCK]; /* of the codes */
};

/* A set of vectors. */
struct spread_set {
    uint64_t key;
    size_t n, dim;
    struct code_query *queries; /* [n]: the vectors minus their mean */
    double by_error, by_scale;  /* bound of the difference, as in struct code_query */
};

/* The vectors [n][dim] must be finite. Release the set with spread_set_release. */
void spread_set_init(struct spread_set *set, const float *vectors, size_t n, size_t dim,
                     size_t stride);
void spread_set_release(struct spread_set *set);

/* Computes the missing deviations of the index, and caches them with its rows unless those of
 * another set are there. Any number of threads may call it. */
void spread_fill(const struct vectors *v, const struct spread_set *set);
/* Gets the deviations of rows [first, first + n) of a block of the index. */
void spread_get(const struct vectors *v, const struct spread_set *set, size_t block, size_t first,
                size_t n, float *ret_deviations);
