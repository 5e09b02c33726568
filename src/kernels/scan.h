/* SPDX-License-Identifier: MIT */
/* Dot products of many int8 rows with one int16 query: the inner loop of the vector index.
 *
 *     int32_t sums[n];
 *     scan_kernels()->dot(rows, n, stride, query, sums);      sums[r] = rows[r] . query
 *
 * Integers only, so every instruction set gives the same sums. int16 for the query costs nothing
 * (the scan waits for memory) and makes its own rounding negligible. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "kernels/cpu.h"

#define SCAN_ALIGN 64 /* a row's bytes are a multiple of this */

/* How far ahead the fast variants prefetch. Measured on Zen 5 with 2 KB to 32 KB: 8 KB reaches 38
 * of the 40 GB/s that one core can read, no prefetching 33. */
#define SCAN_AHEAD_BYTES 8192

struct scan_kernels {
    /* rows [n][stride] and query [stride], 64-byte aligned, stride a multiple of SCAN_ALIGN, zeros
     * after the vector's own length -> ret_sums [n]. All values of both types are allowed; a sum
     * that does not fit wraps modulo 2^32. */
    void (*dot)(const int8_t *rows, size_t n, size_t stride, const int16_t *query,
                int32_t *ret_sums);
};

/* At cpu_level(). */
const struct scan_kernels *scan_kernels(void);
/* At a level that the caller knows to be supported, for tests. */
const struct scan_kernels *scan_kernels_at(enum cpu_level level);

#if defined(__x86_64__)
void scan_dot_avx2(const int8_t *rows, size_t n, size_t stride, const int16_t *query,
                   int32_t *ret_sums);
void scan_dot_avx512(const int8_t *rows, size_t n, size_t stride, const int16_t *query,
                     int32_t *ret_sums);
#endif
