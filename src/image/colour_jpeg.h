/* SPDX-License-Identifier: MIT */
/* The ICC profile of a JPEG file, which lies in pieces in its APP2 segments. */
#pragma once

#include "image/colour.h"

/* Nothing in *ret_colour when there is none, or a piece of it is missing. (ICC.1:2010, B.4) */
void colour_jpeg_read(const uint8_t *data, size_t size, struct colour *ret_colour);
