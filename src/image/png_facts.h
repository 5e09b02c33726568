/* SPDX-License-Identifier: MIT */
/* The facts in a PNG file besides its pixels: the chunks eXIf and tIME, and the text chunks. */
#pragma once

#include "image/exif.h"

/* Reads eXIf first; then Exif blocks that programs wrote as text ("Raw profile type exif" or
 * "APP1": hexadecimal, often compressed), "Creation Time", and last tIME. All of them may occur
 * before or after the picture. `data` is a whole PNG file. */
void png_facts_add(const uint8_t *data, size_t size, struct exif *exif);
