/* SPDX-License-Identifier: MIT */
/* The colour information of a PNG file, read from the chunks before its picture. */
#pragma once

#include "image/colour.h"

/* Reads cICP, iCCP, sRGB, gAMA and cHRM, of which the first one present applies (PNG
 * specification, third edition, 4.3). Skips damaged chunks. The caller releases the result with
 * colour_release. */
void colour_png_read(const uint8_t *data, size_t size, struct colour *ret_colour);
