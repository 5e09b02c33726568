/* SPDX-License-Identifier: MIT */
/* How the main picture of a HEIF file is put together, and what is done to it afterwards: read from
 * the boxes, so that large pictures can be decoded in parts and turned as 8-bit pixels. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/heif_boxes.h"

struct heif_crop {
    int left, top, width, height;
};

struct heif_plan {
    uint32_t width, height; /* as stored, before cropping and turning (ispe); 0: not stated */
    bool is_overlay;
    /* A grid of tiles, row by row; tiles is NULL for every other picture. */
    unsigned rows, columns;
    uint32_t *tiles;
    /* Bytes that one sample takes in the codec (1, 2), and twice the samples of one pixel: 2 grey,
     * 3 for 4:2:0, 4 for 4:2:2, 6 for 4:4:4 and where nothing is known. */
    unsigned sample_bytes, samples_twice;
    /* Cropped first, then turned by an EXIF orientation: false when the file wants it otherwise. */
    bool is_simple;
    bool has_crop;
    struct heif_box clap;
    int orientation;
    size_t held_besides; /* bytes, by who decodes: a copy of the file */
};

/* False when the boxes name no main picture. */
bool heif_plan_read(const struct heif_boxes *boxes, struct heif_plan *ret_plan);
void heif_plan_release(struct heif_plan *plan);

/* Whether every overlay of the file is made of pictures that are there: libheif 1.15 ends the
 * process by an assertion when one is missing, or is an item of another kind. */
bool heif_overlays_are_whole(const struct heif_boxes *boxes);

/* What of width x height pixels the plan keeps, rounded as libheif does; all without has_crop.
 * False when it keeps nothing. */
bool heif_plan_crop(const struct heif_plan *plan, int width, int height,
                    struct heif_crop *ret_crop);
