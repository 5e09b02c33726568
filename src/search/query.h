/* SPDX-License-Identifier: MIT */
/* A request as the vector that the photos are compared with. Private to search/. */
#pragma once

#include "search/search.h"

/* ERR_INVALID and ERR_LIMIT as search_run. */
int query_check(const struct search_request *request, struct error *err) MUST_CHECK;
bool query_is_text(const struct search_request *request);
/* The unit vector [clip_dim] of a checked request; *ret_truncated tells that its text was longer
 * than the model's context. */
int query_embed(struct store *store, struct clip *clip, const struct search_request *request,
                float *ret_vector, bool *ret_truncated, struct error *err) MUST_CHECK;
