/* SPDX-License-Identifier: MIT */
/* What a PNG file says of its colours, read from the chunks before its picture. */
#pragma once

#include "image/colour.h"

/* cICP, iCCP, sRGB, gAMA and cHRM, of which the first that is there counts (PNG specification,
 * third edition, 4.3). Chunks that are broken are passed over. The result is released with
 * colour_release. */
void colour_png_read(const uint8_t *data, size_t size, struct colour *ret_colour);
