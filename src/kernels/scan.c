/* SPDX-License-Identifier: MIT */
/* Dot products of int8 rows with a query: the scalar specification and the choice of a variant. */
#include "kernels/scan.h"

static void dot_scalar(const int8_t *rows, size_t n, size_t stride, const int16_t *query,
                       int32_t *ret_sums)
{
    for (size_t r = 0; r < n; r++, rows += stride) {
        uint32_t sum = 0; /* unsigned, because wrapping is defined */
        for (size_t i = 0; i < stride; i++)
            sum += (uint32_t)(rows[i] * query[i]);
        ret_sums[r] = (int32_t)sum;
    }
}

const struct scan_kernels *scan_kernels_at(enum cpu_level level)
{
    static const struct scan_kernels tables[] = {
        [CPU_SCALAR] = {dot_scalar},
#if defined(__x86_64__)
        [CPU_AVX2] = {scan_dot_avx2},
        [CPU_AVX512] = {scan_dot_avx512},
#endif
    };
    return &tables[level];
}

const struct scan_kernels *scan_kernels(void)
{
    return scan_kernels_at(cpu_level());
}
