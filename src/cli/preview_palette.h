/* SPDX-License-Identifier: MIT */
/* Reduces a picture to few colours: median cut (Heckbert 1982) selects them, error diffusion
 * (Floyd and Steinberg 1976) distributes them. */
#pragma once

#include <stdint.h>

#include "image/image.h"

#define PALETTE_MAX 256

struct palette {
    int count;
    uint8_t rgb[PALETTE_MAX][3];
};

/* Selects at most `max` colours (1 to PALETTE_MAX) for the picture; the result is deterministic. */
void palette_choose(const struct image *image, int max, struct palette *ret_palette);

/* Sets the palette index of each pixel, width * height of them. */
void palette_apply(const struct image *image, const struct palette *palette, uint8_t *ret_indices);
