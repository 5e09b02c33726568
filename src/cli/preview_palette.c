/* SPDX-License-Identifier: MIT */
/* Reduces a picture to a palette: median cut and error diffusion. */
#include "cli/preview_palette.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define BITS 5 /* per channel, for counting colours */
#define BINS (1 << (3 * BITS))

/* The pixels whose channels agree in their upper bits. */
struct bin {
    uint8_t at[3];
    uint32_t count;
    uint64_t sum[3];
};

/* A part of colour space: bins [from, to). */
struct part {
    int from, to;
    uint64_t count;
    int channel, extent; /* the channel of its greatest extent, and that extent */
};

static int bin_of(const uint8_t rgb[3])
{
    return (rgb[0] >> (8 - BITS)) << (2 * BITS) | (rgb[1] >> (8 - BITS)) << BITS |
           rgb[2] >> (8 - BITS);
}

/* Fills the bins that occur in the picture; returns their number. */
static int count_colours(const struct image *image, struct bin *bins)
{
    size_t n_px = (size_t)image->width * (size_t)image->height;
    memset(bins, 0, BINS * sizeof *bins);
    for (const uint8_t *px = image->rgb; px < image->rgb + n_px * 3; px += 3) {
        struct bin *bin = &bins[bin_of(px)];
        bin->count++;
        for (int c = 0; c < 3; c++) {
            bin->at[c] = px[c] >> (8 - BITS);
            bin->sum[c] += px[c];
        }
    }
    int used = 0;
    for (int i = 0; i < BINS; i++)
        if (bins[i].count)
            bins[used++] = bins[i];
    return used;
}

static struct part measure_part(const struct bin *bins, int from, int to)
{
    struct part part = {from, to, 0, 0, 0};
    for (int c = 0; c < 3; c++) {
        int least = 255, most = 0;
        for (int i = from; i < to; i++) {
            least = bins[i].at[c] < least ? bins[i].at[c] : least;
            most = bins[i].at[c] > most ? bins[i].at[c] : most;
        }
        if (most - least > part.extent) {
            part.extent = most - least;
            part.channel = c;
        }
    }
    for (int i = from; i < to; i++)
        part.count += bins[i].count;
    return part;
}

/* Orders by the channel, then by the others, so that the result is deterministic. */
static int compare_bins(const void *a, const void *b, void *context)
{
    const struct bin *x = a, *y = b;
    int first = *(const int *)context;
    if (x->at[first] != y->at[first])
        return x->at[first] - y->at[first];
    return memcmp(x->at, y->at, sizeof x->at);
}

/* The position with half of the pixels on either side, but never an end. */
static int find_median(const struct bin *bins, const struct part *part)
{
    uint64_t seen = 0;
    for (int i = part->from; i < part->to - 1; i++) {
        seen += bins[i].count;
        if (2 * seen >= part->count)
            return i + 1;
    }
    return part->to - 1;
}

/* The part with the largest error; -1 if every part is one bin. */
static int find_worst(const struct part *parts, int n)
{
    int worst = -1;
    uint64_t most = 0;
    for (int i = 0; i < n; i++) {
        uint64_t error = parts[i].count * (uint64_t)parts[i].extent;
        if (error > most) {
            most = error;
            worst = i;
        }
    }
    return worst;
}

static void mean_colour(const struct bin *bins, const struct part *part, uint8_t ret_rgb[3])
{
    for (int c = 0; c < 3; c++) {
        uint64_t sum = 0;
        for (int i = part->from; i < part->to; i++)
            sum += bins[i].sum[c];
        ret_rgb[c] = (uint8_t)((sum + part->count / 2) / part->count);
    }
}

void palette_choose(const struct image *image, int max, struct palette *ret_palette)
{
    AUTO_FREE struct bin *bins = xmalloc(BINS * sizeof *bins);
    struct part parts[PALETTE_MAX];
    int n = 1, worst;
    parts[0] = measure_part(bins, 0, count_colours(image, bins));
    while (n < max && (worst = find_worst(parts, n)) >= 0) {
        struct part part = parts[worst];
        qsort_r(bins + part.from, (size_t)(part.to - part.from), sizeof *bins, compare_bins,
                &part.channel);
        int middle = find_median(bins, &part);
        parts[worst] = measure_part(bins, part.from, middle);
        parts[n++] = measure_part(bins, middle, part.to);
    }
    ret_palette->count = n;
    for (int i = 0; i < n; i++)
        mean_colour(bins, &parts[i], ret_palette->rgb[i]);
}

static int find_nearest(const struct palette *palette, const uint8_t rgb[3])
{
    int nearest = 0, least = INT32_MAX;
    for (int i = 0; i < palette->count; i++) {
        int distance = 0;
        for (int c = 0; c < 3; c++) {
            int off = palette->rgb[i][c] - rgb[c];
            distance += off * off;
        }
        if (distance < least) {
            least = distance;
            nearest = i;
        }
    }
    return nearest;
}

/* Processes one row; `here` has the error of the previous row (in sixteenths, with one pixel of
 * margin at either end), `below` receives the error for the next row. */
static void diffuse_row(const uint8_t *row, int width, const struct palette *palette,
                        int16_t *nearest, const int *here, int *below, uint8_t *ret_indices)
{
    int carried[3] = {0, 0, 0};
    for (int x = 0; x < width; x++) {
        uint8_t wanted[3];
        for (int c = 0; c < 3; c++) {
            int value = row[3 * x + c] + (here[3 * (x + 1) + c] + carried[c]) / 16;
            wanted[c] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
        }
        int16_t *known = &nearest[bin_of(wanted)];
        if (*known < 0)
            *known = (int16_t)find_nearest(palette, wanted);
        ret_indices[x] = (uint8_t)*known;
        for (int c = 0; c < 3; c++) {
            int error = wanted[c] - palette->rgb[*known][c];
            carried[c] = error * 7;
            below[3 * x + c] += error * 3;
            below[3 * (x + 1) + c] += error * 5;
            below[3 * (x + 2) + c] += error;
        }
    }
}

void palette_apply(const struct image *image, const struct palette *palette, uint8_t *ret_indices)
{
    size_t room = ((size_t)image->width + 2) * 3;
    AUTO_FREE int *here = xcalloc(room, sizeof *here);
    AUTO_FREE int *below = xcalloc(room, sizeof *below);
    AUTO_FREE int16_t *nearest = xmalloc(BINS * sizeof *nearest);
    memset(nearest, -1, BINS * sizeof *nearest);
    for (int y = 0; y < image->height; y++) {
        size_t at = (size_t)y * (size_t)image->width;
        diffuse_row(image->rgb + 3 * at, image->width, palette, nearest, here, below,
                    ret_indices + at);
        int *swap = here;
        here = below;
        below = swap;
        memset(below, 0, room * sizeof *below);
    }
}
