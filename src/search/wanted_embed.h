/* SPDX-License-Identifier: MIT */
/* Computes the vector of a wanted picture. Private to search/. */
#pragma once

#include "search/reading.h"
#include "search/search.h"

/* Computes the unit vector [clip_dim] of a leaf or a sum. *ret_truncated (may be NULL) is set if a
 * text is longer than the model's context. ERR_INVALID: the parts of a sum cancel each other out,
 * or a vector has another size; also the errors of query_embed. */
int wanted_embed(struct store *store, struct clip *clip, const struct wanted *wanted,
                 float *ret_vector, bool *ret_truncated, struct error *err) MUST_CHECK;
/* The same for a WANTED_VECTOR, without a model. */
int wanted_given_vector(const struct wanted *wanted, size_t dim, float *ret_vector,
                        struct error *err) MUST_CHECK;

bool wanted_has_text(const struct wanted *wanted);
/* Returns how far the model cannot read the texts: `none` if one of them is not read at all. */
struct reading wanted_reading(const struct clip *clip, const struct wanted *wanted);
