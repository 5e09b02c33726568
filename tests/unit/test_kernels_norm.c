/* SPDX-License-Identifier: MIT */
/* Layer norm: the plain C variant against known rows, every other variant against the plain one. */
#include "kernels/norm.h"

#include "base/memory.h"
#include "tap.h"

static uint64_t state = 0x9e3779b97f4a7c15u;

static float random_value(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (float)(state >> 40) / 0x1p23f - 1;
}

static float *random_row(size_t n, float centre, float spread)
{
    float *row = xmalloc(n * sizeof *row);
    for (size_t i = 0; i < n; i++)
        row[i] = centre + spread * random_value();
    return row;
}

static void check_known(void)
{
    /* mean 2.5, variance 1.25: (x - 2.5) / sqrt(1.25) */
    const float in[4] = {1, 2, 3, 4}, gain[4] = {1, 1, 2, 2}, bias[4] = {0, 10, 0, 10};
    const double want[4] = {-1.3416407865, 9.5527864045, 0.8944271910, 12.683281573};
    float out[4];
    struct norm_job job = {.rows = 1,
                           .width = 4,
                           .in = in,
                           .in_stride = 4,
                           .gain = gain,
                           .bias = bias,
                           .epsilon = 0,
                           .out = out,
                           .out_type = VALUE_F32};
    norm_rows_scalar(&job);
    bool good = true;
    for (int i = 0; i < 4; i++)
        good &= fabs(out[i] - want[i]) < 1e-6;
    ok(good, "1 2 3 4 is normalised");
    job.epsilon = 3.75f; /* variance + epsilon = 5 */
    norm_rows_scalar(&job);
    ok(fabs(out[0] + 1.5 / sqrt(5)) < 1e-6, "epsilon is added to the variance");
}

/* f32: results are of the order 1; sums of up to 4096 values in float32 lose at most a few 1e-6.
 * bf16: both round the same number to 8 bits, so they may differ by one step: 2^-8 relative. */
static void check_variant(enum cpu_level level, size_t width, enum value_type type)
{
    enum { ROWS = 5 };
    size_t stride = width + 3, bytes = ROWS * width * value_bytes(type);
    AUTO_FREE float *in = random_row(ROWS * stride, 0.7f, 3);
    AUTO_FREE float *gain = random_row(width, 1, 0.3f);
    AUTO_FREE float *bias = random_row(width, 0, 0.3f);
    AUTO_FREE void *want = xmalloc(bytes);
    AUTO_FREE void *got = xmalloc(bytes);
    struct norm_job job = {.rows = ROWS,
                           .width = width,
                           .in = in,
                           .in_stride = stride,
                           .gain = gain,
                           .bias = bias,
                           .epsilon = 1e-5f,
                           .out = want,
                           .out_type = type};
    norm_rows_scalar(&job);
    job.out = got;
    norm_variant(level)(&job);
    double worst = 0;
    for (size_t i = 0; i < ROWS * width; i++) {
        double expected = value_load(want, type, i);
        worst = fmax(worst, fabs(value_load(got, type, i) - expected) / fmax(1, fabs(expected)));
    }
    ok(worst < (type == VALUE_BF16 ? 0x1p-7 : 1e-5), "%s, width %zu, %s: within %.1e of plain C",
       cpu_level_name(level), width, type == VALUE_BF16 ? "bf16" : "f32", worst);
}

static void check_bf16(void)
{
    ok(value_to_bf16(1.0f) == 0x3f80 && value_from_bf16(0xc040) == -3.0f, "bf16 of exact values");
    ok(value_to_bf16(0x1.01p0f) == 0x3f80 && value_to_bf16(0x1.03p0f) == 0x3f82,
       "bf16 rounds ties to even");
    ok(value_to_bf16(0x1.010002p0f) == 0x3f81, "bf16 rounds above a tie up");
}

int main(void)
{
    static const size_t widths[] = {1, 7, 16, 64, 192, 588, 768, 1030, 4096};
    check_known();
    check_bf16();
    for (enum cpu_level level = CPU_AVX2; level <= CPU_AVX512; level++) {
        if (level > cpu_level()) {
            skip("this processor has no %s", cpu_level_name(level));
            continue;
        }
        for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
            check_variant(level, widths[i], VALUE_F32);
            check_variant(level, widths[i], VALUE_BF16);
        }
    }
    return done_testing();
}
