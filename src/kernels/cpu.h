/* SPDX-License-Identifier: MIT */
/* Which instruction set the kernels may use, decided once.
 *
 * Every kernel family (scan.h, norm.h, ...) has a table of function pointers: plain C first, the
 * specification; faster twins in files whose suffix is the instruction set. */
#pragma once

enum cpu_level {
    CPU_SCALAR = 0,
    CPU_AVX2,   /* AVX2, FMA, F16C */
    CPU_AVX512, /* F, BW, VL, DQ and VNNI, all of them */
};

/* The best level that CPU and operating system support, lowered by KEEPSAKE_CPU=scalar|avx2|avx512
 * (for tests and bug reports). */
enum cpu_level cpu_level(void);
const char *cpu_level_name(enum cpu_level level);
