/* SPDX-License-Identifier: MIT */
/* Collects the rows of a picture while it is decoded: keeps them unchanged or, if the whole
 * picture would be too large to keep, averages squares of pixels, so that only the memory of the
 * result is used.
 *
 * A picture of up to LIMIT_PHOTO_PIXELS is never averaged: its result does not depend on memory. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "image/image.h"

struct decode_shrink;

/* For width x height pixels, of which the caller needs a short edge (as in struct decode_options).
 * Checks and reserves the memory, including `more` bytes of the caller's. */
int decode_shrink_new(int width, int height, int short_edge_px, size_t more,
                      struct decode_shrink **ret_shrink, struct error *err) MUST_CHECK;
void decode_shrink_free(struct decode_shrink *shrink); /* NULL is allowed */

/* Adds the next row, from the top: `width` RGB pixels. */
void decode_shrink_row(struct decode_shrink *shrink, const uint8_t *rgb);

/* Returns the picture; call it once. Missing rows are grey. */
struct image *decode_shrink_take(struct decode_shrink *shrink);
