/* SPDX-License-Identifier: MIT */
/* Makes pictures upright according to the eight EXIF orientations (Exif 2.32, 4.6.4 A, tag 274):
 *
 *     1 as it is            5 mirrored over the main diagonal
 *     2 mirrored            6 rotate 90 degrees clockwise
 *     3 rotated 180 degrees  7 mirrored over the other diagonal
 *     4 flipped top-bottom  8 rotate 90 degrees counter-clockwise */
#pragma once

#include <stdbool.h>

#include "image/image.h"

/* Whether the orientation exchanges width and height (5 to 8). */
bool orient_swaps_sides(int orientation);

/* Turns the box of a region of the stored picture into that of the upright one. */
void orient_region(struct photo_region *region, int orientation);

/* Replaces *image by its upright version; values outside 2 to 8 change nothing. On failure
 * (ERR_LIMIT, ERR_NO_MEMORY) *image is unchanged. */
int image_orient(struct image **image, int orientation, struct error *err) MUST_CHECK;
