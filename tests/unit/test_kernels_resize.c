/* SPDX-License-Identifier: MIT */
/* Every instruction set's resize kernels against the scalar ones, which are their specification:
 * the sums are exact in both, so the bytes must be equal. */
#include <stdint.h>

#include "kernels/resize.h"
#include "tap.h"

#define MAX_OUTPUTS 64
#define MAX_BLOCKS 20
#define MAX_INPUTS 512
#define ROUNDS 3000

static uint64_t state = 0x9E3779B97F4A7C15u;

static uint32_t next_random(void) /* xorshift64 */
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

static int between(int low, int high)
{
    return low + (int)(next_random() % (uint32_t)(high - low + 1));
}

struct work {
    int first[MAX_OUTPUTS], counts[MAX_OUTPUTS];
    struct resize_block weights[MAX_OUTPUTS * MAX_BLOCKS];
    struct resize_taps taps;
    int n_inputs;
};

/* Weights whose magnitudes add up to less than 2 in fixed point, as any antialiased cubic's do, so
 * that sums fit 32 bits; some windows touch the input's end. */
static void make_taps(struct work *w)
{
    int n = between(1, MAX_OUTPUTS), blocks = between(1, MAX_BLOCKS);
    w->n_inputs = between((blocks - 1) * RESIZE_BLOCK + 1, MAX_INPUTS);
    memset(w->weights, 0, sizeof w->weights);
    for (int i = 0; i < n; i++) {
        int most_taps = w->n_inputs < blocks * RESIZE_BLOCK ? w->n_inputs : blocks * RESIZE_BLOCK;
        int count = between(1, most_taps);
        int most = (2 << RESIZE_PRECISION_BITS) / count;
        w->counts[i] = count;
        w->first[i] = next_random() % 4 ? between(0, w->n_inputs - count) : w->n_inputs - count;
        for (int k = 0; k < count; k++) {
            struct resize_block *block = &w->weights[i * blocks + k / RESIZE_BLOCK];
            int weight = between(-most / 2, most);
            int low = weight & (RESIZE_SPLIT - 1);
            block->low[k % RESIZE_BLOCK] = (int16_t)low;
            block->high[k % RESIZE_BLOCK] = (int16_t)((weight - low) / RESIZE_SPLIT);
        }
    }
    w->taps = (struct resize_taps){w->n_inputs, n, blocks, w->first, w->counts, w->weights};
}

/* The input ends where its block does, so that the sanitizer sees a byte read too many. */
static uint8_t *make_input(size_t size)
{
    uint8_t *input = malloc(size);
    for (size_t i = 0; i < size; i++)
        input[i] = next_random() % 8 ? (uint8_t)next_random() : 255;
    return input;
}

static bool across_equal(const struct resize_kernels *kernels, const struct work *w)
{
    uint8_t got[MAX_OUTPUTS * 3], want[MAX_OUTPUTS * 3];
    uint8_t *input = make_input((size_t)w->n_inputs * 3);
    kernels->across(input, &w->taps, got);
    resize_kernels_scalar.across(input, &w->taps, want);
    free(input);
    return memcmp(got, want, (size_t)w->taps.n_outputs * 3) == 0;
}

static bool down_equal(const struct resize_kernels *kernels, const struct work *w)
{
    uint8_t got[100], want[100];
    size_t n_bytes = (size_t)between(1, 100);
    int i = between(0, w->taps.n_outputs - 1);
    uint8_t *input = make_input((size_t)w->n_inputs * n_bytes);
    kernels->down(input, n_bytes, &w->taps, i, n_bytes, got);
    resize_kernels_scalar.down(input, n_bytes, &w->taps, i, n_bytes, want);
    free(input);
    return memcmp(got, want, n_bytes) == 0;
}

int main(void)
{
    static struct work work;
    ok(resize_kernels(CPU_SCALAR) == &resize_kernels_scalar, "the scalar level gets plain C");
    for (int level = CPU_AVX2; level <= CPU_AVX512; level++) {
        if (level > (int)cpu_level()) {
            skip("no %s here", cpu_level_name((enum cpu_level)level));
            continue;
        }
        const struct resize_kernels *kernels = resize_kernels((enum cpu_level)level);
        int across = 0, down = 0;
        for (int round = 0; round < ROUNDS; round++) {
            make_taps(&work);
            across += across_equal(kernels, &work);
            down += down_equal(kernels, &work);
        }
        const char *name = cpu_level_name((enum cpu_level)level);
        ok(across == ROUNDS, "%s (%s): rows equal scalar's, %d times", name, kernels->name, across);
        ok(down == ROUNDS, "%s (%s): columns equal scalar's, %d times", name, kernels->name, down);
    }
    return done_testing();
}
