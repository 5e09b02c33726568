/* SPDX-License-Identifier: MIT */
/* Computes the query vector of a request. Private to search/. */
#pragma once

#include "search/search.h"

/* Checks a request; ERR_INVALID and ERR_LIMIT as search_run. */
int query_check(const struct search_request *request, struct error *err) MUST_CHECK;
bool query_is_text(const struct search_request *request);
/* Computes the unit vector [clip_dim] of a checked request; *ret_truncated is true if its text is
 * longer than the model's context. */
int query_embed(struct store *store, struct clip *clip, const struct search_request *request,
                float *ret_vector, bool *ret_truncated, struct error *err) MUST_CHECK;
