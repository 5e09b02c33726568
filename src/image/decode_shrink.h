/* SPDX-License-Identifier: MIT */
/* Rows of a picture as they are decoded: kept as they are, or, when the whole would be too large to
 * keep, averaged in squares on the way, so that the memory taken is that of the result.
 *
 * A picture of up to LIMIT_PHOTO_PIXELS is never averaged: what is seen of it does not depend on
 * memory. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "image/image.h"

struct decode_shrink;

/* For width x height pixels of which the caller wants a short edge (as struct decode_options has
 * it). Checks and reserves the memory, `more` bytes of the caller's included. */
int decode_shrink_new(int width, int height, int short_edge_px, size_t more,
                      struct decode_shrink **ret_shrink, struct error *err) MUST_CHECK;
void decode_shrink_free(struct decode_shrink *shrink); /* NULL is fine */

/* The next row, from the top: `width` RGB pixels. */
void decode_shrink_row(struct decode_shrink *shrink, const uint8_t *rgb);

/* The picture, once; rows that never came are grey. */
struct image *decode_shrink_take(struct decode_shrink *shrink);
