/* SPDX-License-Identifier: MIT */
/* What a PNG file says about itself besides its pixels: the chunks eXIf, tIME and those of text. */
#pragma once

#include "image/exif.h"

/* eXIf first; then Exif blocks that programs have written as text ("Raw profile type exif" or
 * "APP1": hexadecimal, often compressed), "Creation Time", and last tIME. All of them may come
 * before or after the picture. `data` is a whole PNG file. */
void png_facts_add(const uint8_t *data, size_t size, struct exif *exif);
