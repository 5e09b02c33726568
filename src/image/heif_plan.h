/* SPDX-License-Identifier: MIT */
/* The composition of the main picture of a HEIF file, and the operations applied to it afterwards:
 * read from the boxes, so that large pictures can be decoded in parts and oriented as 8-bit pixels.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/heif_boxes.h"

struct heif_crop {
    int left, top, width, height;
};

struct heif_plan {
    uint32_t width, height; /* as stored, before cropping and orienting (ispe); 0: unspecified */
    bool is_overlay;
    /* A grid of tiles, row by row; tiles is NULL for every other picture. */
    unsigned rows, columns;
    uint32_t *tiles;
    /* Bytes that one sample uses in the codec (1, 2), and twice the samples per pixel: 2 for grey,
     * 3 for 4:2:0, 4 for 4:2:2, 6 for 4:4:4 and if unknown. */
    unsigned sample_bytes, samples_twice;
    /* The picture is cropped first, then transformed by an EXIF orientation; false if the file
     * specifies another order. */
    bool is_simple;
    bool has_crop;
    struct heif_box clap;
    int orientation;
    size_t held_besides; /* additional bytes held during decoding: a copy of the file */
};

/* False if the boxes name no main picture. */
bool heif_plan_read(const struct heif_boxes *boxes, struct heif_plan *ret_plan);
void heif_plan_release(struct heif_plan *plan);

/* Whether the pictures of every overlay in the file exist: libheif 1.15 aborts the process by an
 * assertion if one is missing, or is an item of another kind. */
bool heif_overlays_are_whole(const struct heif_boxes *boxes);

/* The part of width x height pixels that the plan keeps, rounded as libheif does; all of it
 * without has_crop. False if it keeps nothing. */
bool heif_plan_crop(const struct heif_plan *plan, int width, int height,
                    struct heif_crop *ret_crop);
