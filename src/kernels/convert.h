/* SPDX-License-Identifier: MIT */
/* 16-bit floats to float32, exactly.
 *
 * float16: IEEE 754 binary16 (1 sign, 5 exponent, 10 mantissa bits); subnormals are kept. bfloat16:
 * the upper half of a float32. Both conversions are exact, so every kernel gives the same bits: a
 * NaN keeps its sign and payload; a signalling float16 NaN becomes quiet, as IEEE 754 asks of a
 * conversion and the CPU's own instruction does, while a bfloat16 is only moved, never changed.
 *
 * Sources need no alignment (tensors in a mapped file have none); they are little-endian. */
#pragma once

#include <stddef.h>

#include "kernels/cpu.h"

struct convert_kernels {
    /* n values from 2 * n bytes at `source`. */
    void (*f16_to_f32)(const void *source, size_t n, float *ret_values);
    void (*bf16_to_f32)(const void *source, size_t n, float *ret_values);
};

/* The kernels of a level that cpu_level() reached; CPU_SCALAR is the specification. */
const struct convert_kernels *convert_kernels(enum cpu_level level);
