/* SPDX-License-Identifier: MIT */
/* Draws pictures by formula, so that a model can be checked without a photo.
 *
 * With 0 <= x, y < side, whole-number arithmetic, and d = (2x - side)^2 + (2y - side)^2:
 *
 *   gradient: r = 255 x / (side - 1), g = 255 y / (side - 1), b = 255 - r
 *   checker:  8 by 8 fields of (30, 60, 200) and (220, 40, 40), the first at the top left
 *   rings:    r = d / 16 mod 256, g = d / 32 mod 256, b = 255 - d / 64 mod 256 */
#pragma once

#include "base/error.h"
#include "image/image.h"

/* ERR_NOT_FOUND: no such pattern; errors as of image_new. side >= 2. */
int model_pattern(const char *name, int side, struct image **ret_image,
                  struct error *err) MUST_CHECK;
