/* SPDX-License-Identifier: MIT */
/* Computes perceptual hashes from the low frequencies of a small grey picture. */
#include "signals/perceptual_hash.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define EDGE PERCEPTUAL_HASH_EDGE
#define LOW 8          /* frequencies of each direction */
#define COSINE_BITS 14 /* fractional bits of a cosine */
#define PI 3.14159265358979323846

/* cosines[f][x] = cos(pi * f * (2x + 1) / (2 * EDGE)). Rounding keeps their symmetry, so that the
 * coefficients of a picture without any structure are exactly 0. */
static int32_t cosines[LOW][EDGE];
static pthread_once_t cosines_once = PTHREAD_ONCE_INIT;

static void make_cosines(void)
{
    for (int f = 0; f < LOW; f++)
        for (int x = 0; x < EDGE / 2; x++) {
            double exact = cos(PI * f * (2 * x + 1) / (2.0 * EDGE));
            int32_t rounded = (int32_t)lround(exact * (1 << COSINE_BITS));
            cosines[f][x] = rounded;
            cosines[f][EDGE - 1 - x] = f % 2 ? -rounded : rounded;
        }
}

static void make_grey(const struct image *small, int32_t ret_grey[EDGE][EDGE])
{
    for (int y = 0; y < EDGE; y++)
        for (int x = 0; x < EDGE; x++) {
            const uint8_t *rgb = small->rgb + 3 * (EDGE * y + x);
            ret_grey[y][x] = (19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] + 32768) >> 16;
        }
}

/* Stores the coefficient of vertical frequency v and horizontal frequency h in [LOW * v + h]. Sums
 * of a row are below 2^27 (255 * 2^14 * 32), coefficients below 2^46. */
static void transform_grey(int32_t grey[EDGE][EDGE], int64_t ret_coefficients[LOW * LOW])
{
    int32_t rows[EDGE][LOW] = {{0}};
    for (int y = 0; y < EDGE; y++)
        for (int h = 0; h < LOW; h++)
            for (int x = 0; x < EDGE; x++)
                rows[y][h] += grey[y][x] * cosines[h][x];
    for (int v = 0; v < LOW; v++)
        for (int h = 0; h < LOW; h++) {
            int64_t sum = 0;
            for (int y = 0; y < EDGE; y++)
                sum += (int64_t)rows[y][h] * cosines[v][y];
            ret_coefficients[LOW * v + h] = sum;
        }
}

static int compare_numbers(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t compare_with_median(const int64_t coefficients[LOW * LOW])
{
    int64_t sorted[LOW * LOW];
    uint64_t hash = 0;
    memcpy(sorted, coefficients, sizeof sorted);
    qsort(sorted, LOW * LOW, sizeof *sorted, compare_numbers);
    int64_t twice_median = sorted[LOW * LOW / 2 - 1] + sorted[LOW * LOW / 2];
    for (int k = 0; k < LOW * LOW; k++)
        hash = hash << 1 | (2 * coefficients[k] > twice_median);
    return hash;
}

int perceptual_hash(const struct image *picture, uint64_t *ret_hash, struct error *err)
{
    AUTO(image) *small = NULL;
    int32_t grey[EDGE][EDGE];
    int64_t coefficients[LOW * LOW];
    int rc = image_resize(picture, EDGE, EDGE, &small, err);
    if (rc)
        return rc;
    pthread_once(&cosines_once, make_cosines);
    make_grey(small, grey);
    transform_grey(grey, coefficients);
    *ret_hash = compare_with_median(coefficients);
    return 0;
}

int perceptual_hash_compute(const struct image *const *pictures, size_t n,
                            struct signal_payload *ret_payloads, struct error *err)
{
    AUTO_FREE uint64_t *hashes = xcalloc(n, sizeof *hashes);
    int rc = 0;
    for (size_t i = 0; !rc && i < n; i++)
        rc = perceptual_hash(pictures[i], &hashes[i], err);
    for (size_t i = 0; !rc && i < n; i++) {
        uint8_t *bytes = xmalloc(PERCEPTUAL_HASH_BYTES);
        for (int b = 0; b < PERCEPTUAL_HASH_BYTES; b++)
            bytes[b] = (uint8_t)(hashes[i] >> (56 - 8 * b));
        ret_payloads[i] = (struct signal_payload){bytes, PERCEPTUAL_HASH_BYTES};
    }
    return rc;
}

bool perceptual_hash_read(const void *payload, size_t size, uint64_t *ret_hash)
{
    const uint8_t *bytes = payload;
    if (size != PERCEPTUAL_HASH_BYTES)
        return false;
    *ret_hash = 0;
    for (int b = 0; b < PERCEPTUAL_HASH_BYTES; b++)
        *ret_hash = *ret_hash << 8 | bytes[b];
    return true;
}
