/* SPDX-License-Identifier: MIT */
/* Takes the rows of a picture one after the other, as they are decoded, and keeps of them what is
 * wanted: a part, and of that every k x k pixels as one, their mean. */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct row_sink {
    int left, top, width, height; /* the part of the picture that is kept */
    int k;                        /* 1: the pixels themselves */
    int out_width, out_height;    /* width / k, height / k: a rest is left out */
    uint8_t *out;                 /* [out_height][out_width][3], of decode_alloc */
    uint32_t *sums;               /* of the k rows that come in */
    int y;                        /* of the next row */
};

/* Fills in the rest for left, top, width, height and k that are given. Its memory was reserved
 * before (decode_check_size): out_width * out_height * 3 bytes. */
int row_sink_open(struct row_sink *sink, struct error *err) MUST_CHECK;
/* The next row of the whole picture, [left + width or more][3]. */
void row_sink_push(struct row_sink *sink, const uint8_t *rgb);
/* All of the part was pushed: out is the caller's. */
uint8_t *row_sink_take(struct row_sink *sink);
void row_sink_close(struct row_sink *sink);
