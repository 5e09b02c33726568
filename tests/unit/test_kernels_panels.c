/* SPDX-License-Identifier: MIT */
/* Products with panels of weights: the plain C variant against known numbers and a plain matrix
 * product, every other variant against the plain one. */
#include "kernels/panels.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "kernels/convert.h"
#include "kernels/value.h"
#include "tap.h"

static const char *const types[] = {"f32", "f16", "bf16", "int8"};
static const char *const finishes[] = {"plain", "quick gelu", "gelu", "add"};

static uint64_t state = 0x9e3779b97f4a7c15u;

static float random_value(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (float)(state >> 40) / 0x1p23f - 1;
}

/* Aligned, as jobs need them; zeros after n. */
static float *random_floats(size_t n, size_t padded)
{
    void *block;
    struct error err;
    if (try_alloc(padded, sizeof(float), SIZE_MAX, &block, &err))
        BUG("%s", err.message);
    float *values = block;
    for (size_t i = 0; i < padded; i++)
        values[i] = i < n ? random_value() : 0;
    return values;
}

/* A weight as each type can hold it: a multiple of 1/64 between -1 and 1, exact in all of them. */
static float small_weight(void)
{
    return roundf(random_value() * 64) / 64;
}

static void store_weight(void *weights, enum panel_type type, size_t index, float value)
{
    float halves = value * 0x1p-112f; /* a float32 whose bits 13 up are those of the float16 */
    uint32_t bits;
    memcpy(&bits, &halves, sizeof bits);
    switch (type) {
    case PANEL_F32:
        ((float *)weights)[index] = value;
        break;
    case PANEL_F16:
        ((uint16_t *)weights)[index] = (uint16_t)((bits >> 16 & 0x8000) | (bits >> 13 & 0x7fff));
        break;
    case PANEL_BF16:
        ((uint16_t *)weights)[index] = value_to_bf16(value);
        break;
    case PANEL_INT8:
        ((int8_t *)weights)[index] = (int8_t)(value * 64);
        break;
    }
}

struct sample {
    size_t rows, in, out;
    float *x, *matrix, *scales, *biases, *before;
};

static struct sample sample_new(size_t rows, size_t in, size_t out)
{
    struct sample s = {rows, in, out, random_floats(rows * in, rows * in), NULL, NULL, NULL, NULL};
    s.matrix = xmalloc(out * in * sizeof *s.matrix);
    for (size_t i = 0; i < out * in; i++)
        s.matrix[i] = small_weight();
    s.scales = random_floats(out, out + 64);
    s.biases = random_floats(out, out + 64);
    s.before = random_floats(rows * out, rows * out);
    return s;
}

static void sample_release(struct sample *s)
{
    free(s->x);
    free(s->matrix);
    free(s->scales);
    free(s->biases);
    free(s->before);
}

/* The caller frees. */
static float *multiply_with(enum cpu_level level, const struct sample *s, enum panel_type type,
                            enum panel_finish finish, bool biased)
{
    size_t width = panel_width_at(level), panels = panel_count(s->out, width);
    float *room = random_floats(0, panels * s->in * width);
    float *y = xmalloc((s->rows * s->out + 1) * sizeof *y);
    memcpy(y, s->before, s->rows * s->out * sizeof *y);
    y[s->rows * s->out] = 12345;
    for (size_t column = 0; column < s->out; column++)
        for (size_t i = 0; i < s->in; i++)
            store_weight(room, type, (column / width * s->in + i) * width + column % width,
                         s->matrix[column * s->in + i]);
    struct panel_job job = {.rows = s->rows,
                            .in = s->in,
                            .out = s->out,
                            .type = type,
                            .finish = finish,
                            .x = s->x,
                            .weights = room,
                            .scales = s->scales,
                            .biases = biased ? s->biases : NULL,
                            .y = y};
    panel_variant(level)(&job);
    free(room);
    if (y[s->rows * s->out] != 12345)
        BUG("%s wrote past the end of y", cpu_level_name(level));
    return y;
}

static double finish_exactly(enum panel_finish finish, double v, double before)
{
    switch (finish) {
    case PANEL_QUICK_GELU:
        return v * (1 / (1 + exp(-1.702 * v)));
    case PANEL_GELU:
        return v * 0.5 * erfc(-v / sqrt(2));
    case PANEL_ADD:
        return before + v;
    case PANEL_PLAIN:
        break;
    }
    return v;
}

/* The largest difference from a plain matrix product in double precision. */
static double error_of(const float *y, const struct sample *s, enum panel_type type,
                       enum panel_finish finish, bool biased)
{
    double worst = 0;
    for (size_t row = 0; row < s->rows; row++)
        for (size_t column = 0; column < s->out; column++) {
            double sum = 0;
            for (size_t i = 0; i < s->in; i++)
                sum += (double)s->x[row * s->in + i] * s->matrix[column * s->in + i];
            if (type == PANEL_INT8)
                sum *= 64 * (double)s->scales[column];
            sum += biased ? (double)s->biases[column] : 0;
            size_t at = row * s->out + column;
            double want = finish_exactly(finish, sum, s->before[at]);
            worst = fmax(worst, fabs(y[at] - want) / fmax(1, fabs(want)));
        }
    return worst;
}

/* Sums of up to 600 products of order 1 in float32 lose at most a few 1e-5; erf and exp less. */
static void check_variant(enum cpu_level level, size_t rows, size_t in, size_t out)
{
    struct sample s = sample_new(rows, in, out);
    bool good = true;
    for (enum panel_type type = PANEL_F32; type <= PANEL_INT8; type++)
        for (enum panel_finish finish = PANEL_PLAIN; finish <= PANEL_ADD; finish++) {
            bool biased = (rows + type + finish) % 3 > 0;
            AUTO_FREE float *y = multiply_with(level, &s, type, finish, biased);
            double worst = error_of(y, &s, type, finish, biased);
            if (worst < 3e-5)
                continue;
            good = false;
            diag("%s, %s: %.1e", types[type], finishes[finish], worst);
        }
    ok(good, "%s, %zu rows of %zu to %zu: all types and ends", cpu_level_name(level), rows, in,
       out);
    sample_release(&s);
}

/* Large arguments of the activations: none overflows, and signs and limits are right. */
static void check_limits(enum cpu_level level)
{
    enum { N = 8 };
    static const float at[N] = {0, -0.5f, 20, -20, 200, -200, 1e30f, -1e30f};
    struct sample s = sample_new(N, 1, 1);
    memcpy(s.x, at, sizeof at);
    s.matrix[0] = 1;
    for (enum panel_finish finish = PANEL_QUICK_GELU; finish <= PANEL_GELU; finish++) {
        AUTO_FREE float *y = multiply_with(level, &s, PANEL_F32, finish, false);
        double worst = error_of(y, &s, PANEL_F32, finish, false);
        ok(worst < 1e-6, "%s, %s at its limits: within %.1e", cpu_level_name(level),
           finishes[finish], worst);
    }
    sample_release(&s);
}

int main(void)
{
    static const size_t shapes[][3] = {{1, 1, 1},   {1, 7, 5},    {2, 64, 16},   {3, 65, 33},
                                       {4, 96, 48}, {5, 600, 31}, {13, 128, 100}};
    for (enum cpu_level level = CPU_SCALAR; level <= CPU_AVX512; level++) {
        if (level > cpu_level()) {
            skip("this processor has no %s", cpu_level_name(level));
            continue;
        }
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
            check_variant(level, shapes[i][0], shapes[i][1], shapes[i][2]);
        check_limits(level);
    }
    return done_testing();
}
