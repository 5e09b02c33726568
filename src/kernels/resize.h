/* SPDX-License-Identifier: MIT */
/* Resampling rows of RGB bytes: the two passes of image_resize, in 22-bit fixed point.
 *
 * A weight is stored in two 16-bit halves, so that SIMD can use its 16-bit multiply-and-add and
 * stay exact: weight = high * RESIZE_SPLIT + low with 0 <= low < RESIZE_SPLIT. All sums are exact
 * in 32 bits: every table gives the same bytes. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernels/cpu.h"

#define RESIZE_SPLIT 2048
#define RESIZE_PRECISION_BITS 22 /* 32 - 8 for the pixel - 2 for the overshoot */
#define RESIZE_BLOCK 4           /* taps are stored in blocks of this many */

struct resize_block {
    int16_t high[RESIZE_BLOCK], low[RESIZE_BLOCK];
};

/* The weights of one direction. Output i is the weighted sum of counts[i] inputs from first[i] on;
 * the weights that fill up its last block are zero. */
struct resize_taps {
    int n_inputs; /* all inputs in the given rows or columns */
    int n_outputs;
    int blocks;                         /* per output; counts[i] <= blocks * RESIZE_BLOCK */
    const int *first;                   /* [n_outputs] */
    const int *counts;                  /* [n_outputs]; first[i] + counts[i] <= n_inputs */
    const struct resize_block *weights; /* [n_outputs][blocks] */
};

struct resize_kernels {
    const char *name;
    /* One row: out [n_outputs][3] from in, whose pixel 0 is what first[] counts from. */
    void (*across)(const uint8_t *in, const struct resize_taps *taps, uint8_t *out);
    /* Output row `i`: n_bytes of out from the rows at in + k * stride, k = first[i] ... */
    void (*down)(const uint8_t *in, size_t stride, const struct resize_taps *taps, int i,
                 size_t n_bytes, uint8_t *out);
};

/* The table for the best level at or below the given one that the CPU has. */
const struct resize_kernels *resize_kernels(enum cpu_level level);

extern const struct resize_kernels resize_kernels_scalar;
#if defined(__x86_64__)
extern const struct resize_kernels resize_kernels_avx2;
#endif
