/* SPDX-License-Identifier: MIT */
/* Searches for a tree of wanted pictures (query/wanted.h). Private to search/. */
#pragma once

#include "search/search.h"

/* The unit vector [clip_dim] of a leaf or a sum; *ret_truncated (may be NULL) is set where a text
 * was longer than the model's context. ERR_INVALID: the parts of a sum cancel each other out, or a
 * vector is of another size; what query_embed reports. */
int graded_vector(struct store *store, struct clip *clip, const struct wanted *wanted,
                  float *ret_vector, bool *ret_truncated, struct error *err) MUST_CHECK;

/* Of the photos that are nearest to any part, those with the highest grades, best first: from
 * request->skip to request->k of them into results. */
int graded_run(struct store *store, struct clip *clip, const struct search_request *request,
               struct search_results *results, struct error *err) MUST_CHECK;
