/* SPDX-License-Identifier: MIT */
/* The pixels of one decoded HEIF picture, row by row, from the planes that libheif holds: at any
 * depth, without the copy that it makes for interleaved pixels. */
#pragma once

#include <libheif/heif.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct heif_pixels {
    int width, height;
    struct heif_image *picture;
    const uint8_t *planes[3]; /* red, green, blue; or the same grey plane three times */
    int strides[3], shifts[3];
    uint8_t *greys; /* 8-bit value of each sample of a grey picture; NULL for colours */
};

/* Ignores alpha. `as_stored` means without the cropping and orienting that the file's properties
 * specify. */
int heif_pixels_decode(const struct heif_image_handle *handle, bool as_stored,
                       struct heif_pixels *ret_pixels, struct error *err) MUST_CHECK;
/* Writes row y to rgb, [width][3]. */
void heif_pixels_row(const struct heif_pixels *pixels, int y, uint8_t *rgb);
void heif_pixels_release(struct heif_pixels *pixels);
