/* SPDX-License-Identifier: MIT */
/* Computes the values of many photos with several threads. Private to search/. */
#pragma once

#include "search/tree_grade.h"

/* Computes ret_values [n] of photos with the vectors [n][dim]; bit i of held[k] says whether
 * condition i holds for photo k. A photo whose vector begins with NAN gets TREE_NO. The values do
 * not depend on the number of threads. */
void tree_grade_block(const struct tree_grader *grader, const uint64_t *held, const float *vectors,
                      size_t n, double *ret_values);
