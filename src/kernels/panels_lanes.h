/* SPDX-License-Identifier: MIT */
/* Products of a few rows with panels of weights, in SIMD lanes: the body of the AVX2 and AVX-512
 * variants. See panels.h. The including file defines lanes_from_f16 and lanes_from_int8. */
#pragma once

#include "kernels/lanes.h"
#include "kernels/panels.h"

#define WIDTH (2 * LANES) /* of a panel */
#define BLOCK 4           /* rows multiplied by the same weights while these are in registers */

static inline lanes weights_read(const void *weights, enum panel_type type, size_t index)
{
    switch (type) {
    case PANEL_F16:
        return lanes_from_f16((const uint16_t *)weights + index);
    case PANEL_BF16:
        return lanes_from_bf16((const uint16_t *)weights + index);
    case PANEL_INT8:
        return lanes_from_int8((const int8_t *)weights + index);
    case PANEL_F32:
        break;
    }
    return lanes_load((const float *)weights + index);
}

/* The products of four rows with one panel. */
static inline void multiply_block(const float *const x[BLOCK], size_t in, const void *panel,
                                  enum panel_type type, float ret_sums[BLOCK][WIDTH])
{
    lanes c00 = {0}, c01 = {0}, c10 = {0}, c11 = {0};
    lanes c20 = {0}, c21 = {0}, c30 = {0}, c31 = {0};
    const float *x0 = x[0], *x1 = x[1], *x2 = x[2], *x3 = x[3];
    for (size_t i = 0; i < in; i++) {
        lanes w0 = weights_read(panel, type, i * WIDTH);
        lanes w1 = weights_read(panel, type, i * WIDTH + LANES);
        c00 += x0[i] * w0;
        c01 += x0[i] * w1;
        c10 += x1[i] * w0;
        c11 += x1[i] * w1;
        c20 += x2[i] * w0;
        c21 += x2[i] * w1;
        c30 += x3[i] * w0;
        c31 += x3[i] * w1;
    }
    lanes_store(ret_sums[0], c00);
    lanes_store(ret_sums[0] + LANES, c01);
    lanes_store(ret_sums[1], c10);
    lanes_store(ret_sums[1] + LANES, c11);
    lanes_store(ret_sums[2], c20);
    lanes_store(ret_sums[2] + LANES, c21);
    lanes_store(ret_sums[3], c30);
    lanes_store(ret_sums[3] + LANES, c31);
}

/* The compiler makes one loop for each type. */
static inline void multiply_typed(const float *const x[BLOCK], const struct panel_job *job,
                                  const void *panel, float ret_sums[BLOCK][WIDTH])
{
    switch (job->type) {
    case PANEL_F32:
        multiply_block(x, job->in, panel, PANEL_F32, ret_sums);
        break;
    case PANEL_F16:
        multiply_block(x, job->in, panel, PANEL_F16, ret_sums);
        break;
    case PANEL_BF16:
        multiply_block(x, job->in, panel, PANEL_BF16, ret_sums);
        break;
    case PANEL_INT8:
        multiply_block(x, job->in, panel, PANEL_INT8, ret_sums);
        break;
    }
}

static inline lanes lanes_choose(int_lanes condition, lanes yes, lanes no)
{
    return (lanes)(((int_lanes)yes & condition) | ((int_lanes)no & ~condition));
}

static inline lanes lanes_absolute(lanes v)
{
    return (lanes)((int_lanes)v & 0x7fffffff);
}

/* 1 / (1 + e^-x), without overflow: e^-|x| is at most 1. */
static inline lanes lanes_sigmoid(lanes x)
{
    lanes e = lanes_exp(-lanes_absolute(x));
    return lanes_choose(x < 0, e, lanes_of(1)) / (1 + e);
}

/* erf x within 1.5e-7. Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26.
 */
static inline lanes lanes_erf(lanes x)
{
    lanes size = lanes_absolute(x), t = 1 / (1 + 0.3275911f * size);
    lanes sum = 1.061405429f * t - 1.453152027f;
    sum = sum * t + 1.421413741f;
    sum = sum * t - 0.284496736f;
    sum = sum * t + 0.254829592f;
    lanes erf = 1 - sum * t * lanes_exp(-size * size);
    return lanes_choose(x < 0, -erf, erf);
}

static inline lanes finish_lanes(enum panel_finish finish, lanes v, lanes before)
{
    switch (finish) {
    case PANEL_QUICK_GELU:
        return v * lanes_sigmoid(1.702f * v);
    case PANEL_GELU:
        return v * (1 + lanes_erf(v * 0.70710678f)) * 0.5f;
    case PANEL_ADD:
        return before + v;
    case PANEL_PLAIN:
        break;
    }
    return v;
}

/* Scales, biases and finishes the sums of one row, and puts the first n of them into y. */
static inline void finish_row(const struct panel_job *job, size_t column, size_t n,
                              const float *sums, float *y)
{
    float whole[WIDTH] = {0}, *to = n < WIDTH ? whole : y;
    if (n < WIDTH && job->finish == PANEL_ADD)
        memcpy(whole, y, n * sizeof *y);
    for (size_t i = 0; i < WIDTH; i += LANES) {
        lanes v = lanes_load(sums + i);
        if (job->type == PANEL_INT8)
            v *= lanes_load(job->scales + column + i);
        if (job->biases)
            v += lanes_load(job->biases + column + i);
        lanes_store(to + i, finish_lanes(job->finish, v, lanes_load(to + i)));
    }
    if (n < WIDTH)
        memcpy(y, whole, n * sizeof *y);
}

/* A short block repeats its last row, whose sums are then not used. */
static inline void multiply_rows(const struct panel_job *job, size_t first, size_t column,
                                 const void *panel)
{
    const float *x[BLOCK];
    float sums[BLOCK][WIDTH];
    size_t n = job->rows - first < BLOCK ? job->rows - first : BLOCK;
    size_t columns = job->out - column < WIDTH ? job->out - column : WIDTH;
    for (size_t row = 0; row < BLOCK; row++)
        x[row] = job->x + (first + (row < n ? row : n - 1)) * job->in;
    multiply_typed(x, job, panel, sums);
    for (size_t row = 0; row < n; row++)
        finish_row(job, column, columns, sums[row], job->y + (first + row) * job->out + column);
}

static inline void panel_multiply_lanes(const struct panel_job *job)
{
    const char *panel = job->weights;
    size_t bytes = job->in * WIDTH * panel_type_bytes(job->type);
    for (size_t column = 0; column < job->out; column += WIDTH, panel += bytes)
        for (size_t first = 0; first < job->rows; first += BLOCK)
            multiply_rows(job, first, column, panel);
}
