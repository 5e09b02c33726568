/* SPDX-License-Identifier: MIT */
/* The ICC profile of a JPEG file, which is split into pieces in its APP2 segments. */
#pragma once

#include "image/colour.h"

/* Leaves *ret_colour empty if there is no profile, or a piece of it is missing. (ICC.1:2010, B.4)
 */
void colour_jpeg_read(const uint8_t *data, size_t size, struct colour *ret_colour);
