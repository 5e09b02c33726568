/* SPDX-License-Identifier: MIT */
/* Layer norm of rows: y = (x - mean) / sqrt(variance + epsilon) * gain + bias, over each row.
 * Source: Ba, Kiros, Hinton 2016, arXiv 1607.06450; the variance divides by the width. */
#pragma once

#include <stddef.h>

#include "kernels/cpu.h"
#include "kernels/value.h"

struct norm_job {
    size_t rows, width;
    const float *in;
    size_t in_stride;         /* elements from one row to the next, at least width */
    const float *gain, *bias; /* [width] */
    float epsilon;
    void *out; /* [rows][width] of out_type; may be `in` itself when that is dense f32 */
    enum value_type out_type;
};

typedef void norm_function(const struct norm_job *job);

/* The fastest variant that cpu_level() allows. */
norm_function norm_rows;
/* The variant of one level, for tests and benchmarks; the CPU must support it. */
norm_function *norm_variant(enum cpu_level level);

norm_function norm_rows_scalar;
#if defined(__x86_64__)
norm_function norm_rows_avx2;
norm_function norm_rows_avx512;
#endif
