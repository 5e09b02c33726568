/* SPDX-License-Identifier: MIT */
/* Chooses once which instruction set the kernels may use.
 *
 * Every kernel family (scan.h, norm.h, ...) is a table of function pointers: the scalar variant in
 * plain C is the specification, faster variants are in files whose suffix is the instruction set.
 */
#pragma once

enum cpu_level {
    CPU_SCALAR = 0,
    CPU_AVX2,   /* AVX2, FMA, F16C */
    CPU_AVX512, /* F, BW, VL, DQ and VNNI, all of them */
};

/* The best level that the CPU and the operating system support, capped by
 * KEEPSAKE_CPU=scalar|avx2|avx512 (for tests and bug reports). */
enum cpu_level cpu_level(void);
const char *cpu_level_name(enum cpu_level level);
