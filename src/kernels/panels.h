/* SPDX-License-Identifier: MIT */
/* Products of a few rows with a large matrix that is read once: y = f(x W^T + b), y += x W^T + b.
 *
 * One sentence has so few tokens that its products wait for the weights to come from memory. The
 * weights may therefore have fewer bits than the arithmetic, which is float32 always: they are
 * widened as they are read, which costs nothing.
 *
 * The columns of y are divided into panels of the variant's own width, the last one filled up with
 * zeros. A panel's weights lie as they are read: [in][width]. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernels/cpu.h"

enum panel_type {
    PANEL_F32,
    PANEL_F16, /* IEEE 754 binary16 */
    PANEL_BF16,
    PANEL_INT8, /* with a scale for each column */
};

enum panel_finish {
    PANEL_PLAIN,
    PANEL_QUICK_GELU, /* x * sigmoid(1.702 x) */
    PANEL_GELU,       /* x * (1 + erf(x / sqrt 2)) / 2 */
    PANEL_ADD,        /* added to y */
};

/* Of the weights, the scales and the biases. */
#define PANEL_ALIGN 64

struct panel_job {
    size_t rows, in, out;
    enum panel_type type;
    enum panel_finish finish;
    const float *x;      /* [rows][in] */
    const void *weights; /* [panels][in][width] */
    const float *scales; /* [panels * width]; for PANEL_INT8 only */
    const float *biases; /* [panels * width], or NULL */
    float *y;            /* [rows][out] */
};

typedef void panel_function(const struct panel_job *job);

/* The fastest variant that cpu_level() allows. */
panel_function panel_multiply;
/* Columns of a panel of that variant. */
size_t panel_width(void);

/* The variant of one level and its width, for tests and benchmarks; the CPU must support it. */
panel_function *panel_variant(enum cpu_level level);
size_t panel_width_at(enum cpu_level level);

panel_function panel_multiply_scalar;
#if defined(__x86_64__)
panel_function panel_multiply_avx2;
panel_function panel_multiply_avx512;
#endif

size_t panel_type_bytes(enum panel_type type);

/* How many panels a product has, and the bytes of its weights. */
static inline size_t panel_count(size_t out, size_t width)
{
    return (out + width - 1) / width;
}
