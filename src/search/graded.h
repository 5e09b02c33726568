/* SPDX-License-Identifier: MIT */
/* Searches for a tree of wanted pictures (query/wanted.h). Private to search/. */
#pragma once

#include "search/search.h"

/* Computes the unit vector [clip_dim] of a leaf or a sum. *ret_truncated (may be NULL) is set if a
 * text is longer than the model's context. ERR_INVALID: the parts of a sum cancel each other out,
 * or a vector has another size; also the errors of query_embed. */
int graded_vector(struct store *store, struct clip *clip, const struct wanted *wanted,
                  float *ret_vector, bool *ret_truncated, struct error *err) MUST_CHECK;

/* Grades the photos that are nearest to any part, and ranks them by grade, best first. `results`
 * gets those from number request->skip to request->k. */
int graded_run(struct store *store, struct clip *clip, const struct search_request *request,
               struct search_results *results, struct error *err) MUST_CHECK;
