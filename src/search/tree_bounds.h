/* SPDX-License-Identifier: MIT */
/* Bounds the values of a query tree by approximate vectors, so that only photos that can be among
 * the best have to be graded. Private to search/.
 *
 * The contrast of a text q and a photo x is (q - m) . x / deviation(x), m being the mean of the
 * background, and the correlation with a picture is w . x / deviation(x) with another fixed vector
 * w. Both are known within bounds from codes, and every node is monotone in each leaf. */
#pragma once

#include "search/tree_grade.h"
#include "store/candidates.h"

struct tree_bounds {
    const struct tree_grader *grader;
    float *queries; /* [n][dim]: of each leaf, in the order of the tree */
    double *scales; /* [n]: by which the products of a picture are divided to be correlations */
    size_t n, cap;
    bool is_possible; /* the grades can be bounded */
    /* Returns which conditions hold for a photo; ids come in no particular order. */
    uint64_t (*held)(void *context, int64_t id);
    void *context;
};

/* Release with tree_bounds_release. */
void tree_bounds_init(struct tree_bounds *bounds, const struct tree_grader *grader,
                      uint64_t (*held)(void *context, int64_t id), void *context);
void tree_bounds_release(struct tree_bounds *bounds);
/* Makes the grading of the bounds, which refers to them. */
struct vectors_grading tree_bounds_grading(struct tree_bounds *bounds);
