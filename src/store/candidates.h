/* SPDX-License-Identifier: MIT */
/* Finds the photos that are worth being graded, for searches whose grades are not cosines. */
#pragma once

#include "store/filter.h"
#include "store/store.h"
#include "vectors/vectors.h"

/* Lists the ids, in ascending order, of photos that match the filter and can be among the k best by
 * grade; other photos with a sound vector have a lower grade than k of these. A gallery in a file
 * bounds the grades by its index in memory (vectors_candidates); one on a server has none, and
 * lists all photos. A photo without a sound vector may be listed, and then counts as one of the k:
 * if the caller finds one, it has to grade all photos. *ret_ids [*ret_count] is the caller's to
 * free; *ret_total is the number of photos from which they were chosen. Errors as
 * vectors_candidates. */
int store_list_candidates(struct store *store, const struct store_filter *filter,
                          const struct vectors_grading *grading, size_t k, int64_t **ret_ids,
                          size_t *ret_count, size_t *ret_total, struct error *err) MUST_CHECK;
