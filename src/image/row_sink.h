/* SPDX-License-Identifier: MIT */
/* Receives the rows of a picture one by one as they are decoded, and keeps only a part of the
 * picture, with each square of k x k pixels averaged to one pixel. */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct row_sink {
    int left, top, width, height; /* the part of the picture to keep */
    int k;                        /* 1: the pixels themselves */
    int out_width, out_height;    /* width / k, height / k; a remainder is dropped */
    uint8_t *out;                 /* [out_height][out_width][3], from decode_alloc */
    uint32_t *sums;               /* of the k rows being added */
    int y;                        /* number of the next row */
};

/* Sets the other fields for the given left, top, width, height and k. The caller has already
 * reserved the memory (decode_check_size): out_width * out_height * 3 bytes. */
int row_sink_open(struct row_sink *sink, struct error *err) MUST_CHECK;
/* Adds the next row of the whole picture, [left + width or more][3]. */
void row_sink_push(struct row_sink *sink, const uint8_t *rgb);
/* Returns out, which the caller then owns, after the whole part has been pushed. */
uint8_t *row_sink_take(struct row_sink *sink);
void row_sink_close(struct row_sink *sink);
