/* SPDX-License-Identifier: MIT */
/* The facts in a PNG file besides its pixels: the chunk eXIf and the text chunks. */
#pragma once

#include "metadata/metadata.h"

/* Reads eXIf first; then Exif blocks that programs wrote as text ("Raw profile type exif" or
 * "APP1": hexadecimal, often compressed), XMP, and texts such as "Creation Time" and "Title". All
 * of them may occur before or after the picture. `data` is a whole PNG file. */
void png_facts_add(const uint8_t *data, size_t size, struct metadata *metadata);
