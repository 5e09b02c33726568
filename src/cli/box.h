/* SPDX-License-Identifier: MIT */
/* A box in a photo as people write it: "120,80,200,260" or "10%,20%,30%,40%". */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "store/labels.h"

/* Whether the word is intended as a box, valid or not: digits, points, signs and commas. */
bool box_is_meant(const char *text);

/* Parses left,top,width,height; each in pixels of the upright photo, or with '%' in percent of its
 * width or height. ERR_INVALID with a sentence; also for pixels if the photo's size is unknown
 * (0), and for a box that is empty or outside the photo. */
int box_parse(const char *text, int photo_width, int photo_height, struct store_box *ret_box,
              struct error *err) MUST_CHECK;

/* Formats "10%,20%,30%,40%", with at most one decimal, into ret_text; returns ret_text. */
char *box_format(char *ret_text, size_t size, const struct store_box *box);
