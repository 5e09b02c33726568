/* SPDX-License-Identifier: MIT */
/* Every instruction set against plain integer arithmetic written out here: equal, for they are
 * integers. */
#include <stdint.h>

#include "base/memory.h"
#include "kernels/scan.h"
#include "tap.h"

enum { MAX_ROWS = 11, MAX_STRIDE = 8192 };

static uint64_t state = 0x9E3779B97F4A7C15u;

static uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

enum filling { RANDOM, LOWEST, HIGHEST, MIXED_ENDS, N_FILLINGS };
static const char *const filling_names[] = {"random", "lowest", "highest", "either end"};

static long pick(enum filling how, long low, long high)
{
    switch (how) {
    case LOWEST:
        return low;
    case HIGHEST:
        return high;
    case MIXED_ENDS:
        return next_random() & 1 ? low : high;
    default:
        return low + (long)(next_random() % (uint64_t)(high - low + 1));
    }
}

/* Values in the first dim of each row, zeros up to stride. */
static void fill(int8_t *rows, int16_t *query, size_t dim, size_t stride, enum filling row_how,
                 enum filling query_how)
{
    memset(rows, 0, MAX_ROWS * stride);
    memset(query, 0, stride * sizeof *query);
    for (size_t i = 0; i < dim; i++) {
        query[i] = (int16_t)pick(query_how, INT16_MIN, INT16_MAX);
        for (size_t r = 0; r < MAX_ROWS; r++)
            rows[r * stride + i] = (int8_t)pick(row_how, INT8_MIN, INT8_MAX);
    }
}

static bool is_right(const struct scan_kernels *kernels, const int8_t *rows, size_t n, size_t dim,
                     size_t stride, const int16_t *query)
{
    int32_t sums[MAX_ROWS + 1];
    sums[n] = 123456789;
    kernels->dot(rows, n, stride, query, sums);
    bool good = sums[n] == 123456789;
    for (size_t r = 0; r < n; r++) {
        int64_t want = 0;
        for (size_t i = 0; i < dim; i++)
            want += (int64_t)rows[r * stride + i] * query[i];
        good &= (uint32_t)sums[r] == (uint32_t)(uint64_t)want; /* modulo 2^32 */
    }
    return good;
}

static void check_level(enum cpu_level level, int8_t *rows, int16_t *query)
{
    static const size_t dims[] = {1, 7, 31, 32, 33, 63, 64, 65, 127, 512, 513, 768, 1000, 8192};
    const struct scan_kernels *kernels = scan_kernels_at(level);
    for (int how = 0; how < N_FILLINGS * N_FILLINGS; how++) {
        enum filling row_how = how / N_FILLINGS, query_how = how % N_FILLINGS;
        bool good = true;
        for (size_t d = 0; d < sizeof dims / sizeof *dims; d++) {
            size_t stride = (dims[d] + SCAN_ALIGN - 1) / SCAN_ALIGN * SCAN_ALIGN;
            fill(rows, query, dims[d], stride, row_how, query_how);
            for (size_t n = 0; n <= MAX_ROWS; n++)
                good &= is_right(kernels, rows, n, dims[d], stride, query);
        }
        ok(good, "%s: rows %s, query %s", cpu_level_name(level), filling_names[row_how],
           filling_names[query_how]);
    }
}

int main(void)
{
    AUTO_FREE int8_t *rows = aligned_alloc(64, MAX_ROWS * MAX_STRIDE);
    AUTO_FREE int16_t *query = aligned_alloc(64, MAX_STRIDE * sizeof *query);
    for (int level = CPU_SCALAR; level <= CPU_AVX512; level++)
        if (level <= (int)cpu_level())
            check_level((enum cpu_level)level, rows, query);
        else
            skip("%s: this CPU (or KEEPSAKE_CPU) has less", cpu_level_name((enum cpu_level)level));
    ok(scan_kernels() == scan_kernels_at(cpu_level()), "the table of the chosen level");
    return done_testing();
}
