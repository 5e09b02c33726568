/* SPDX-License-Identifier: MIT */
/* Collects the rows of a picture, and averages squares of pixels if it is too large to keep. */
#include "image/decode_shrink.h"

#include <string.h>

#include "base/limits.h"
#include "image/decode.h"

#define GREY 128

struct decode_shrink {
    int width, height;         /* of the incoming rows */
    int factor;                /* side of the squares; 1: rows are kept unchanged */
    int out_width, out_height; /* of the result */
    int row;                   /* number of the next row */
    uint8_t *pixels;
    uint32_t *sums; /* [out_width][3], of the squares being filled */
};

static int choose_factor(int width, int height, int short_edge_px)
{
    int edge = width < height ? width : height, factor = 1;
    if (!short_edge_px || (uint64_t)width * (uint64_t)height <= LIMIT_PHOTO_PIXELS)
        return 1;
    while (edge / (2 * factor) >= 2 * short_edge_px)
        factor *= 2;
    return factor;
}

int decode_shrink_new(int width, int height, int short_edge_px, size_t more,
                      struct decode_shrink **ret_shrink, struct error *err)
{
    int factor = choose_factor(width, height, short_edge_px);
    int out_width = (width + factor - 1) / factor, out_height = (height + factor - 1) / factor;
    uint64_t out = (uint64_t)out_width * (uint64_t)out_height * 3;
    uint8_t *pixels;
    void *sums = NULL;
    int rc = decode_check_memory((uint64_t)width, (uint64_t)height,
                                 out + more + (uint64_t)out_width * 3 * sizeof(uint32_t), err);
    if (!rc && factor > 1)
        rc = try_alloc((size_t)out_width * 3, sizeof(uint32_t), LIMIT_DECODE_BYTES, &sums, err);
    if (!rc)
        rc = decode_alloc(out_width, out_height, 3, &pixels, err);
    if (rc) {
        free(sums);
        return rc;
    }
    struct decode_shrink *s = xcalloc(1, sizeof *s);
    *s = (struct decode_shrink){width, height, factor, out_width, out_height, 0, pixels, sums};
    if (sums)
        memset(sums, 0, (size_t)out_width * 3 * sizeof(uint32_t));
    *ret_shrink = s;
    return 0;
}

void decode_shrink_free(struct decode_shrink *s)
{
    if (!s)
        return;
    decode_memory_free(s->pixels);
    free(s->sums);
    free(s);
}

static void add_row(struct decode_shrink *s, const uint8_t *rgb)
{
    for (int x = 0, left = s->factor, at = 0; x < s->width; x++, rgb += 3) {
        for (int c = 0; c < 3; c++)
            s->sums[at + c] += rgb[c];
        if (--left == 0) {
            left = s->factor;
            at += 3;
        }
    }
}

/* Computes the means of the squares that end with the previous row. */
static void finish_squares(struct decode_shrink *s)
{
    int y = (s->row - 1) / s->factor, rows = s->row - y * s->factor;
    uint8_t *out = s->pixels + (size_t)y * (size_t)s->out_width * 3;
    for (int x = 0; x < s->out_width; x++) {
        int columns = s->width - x * s->factor;
        uint32_t n = (uint32_t)((columns < s->factor ? columns : s->factor) * rows);
        for (int c = 0; c < 3; c++)
            out[3 * x + c] = (uint8_t)((s->sums[3 * x + c] + n / 2) / n);
    }
    memset(s->sums, 0, (size_t)s->out_width * 3 * sizeof *s->sums);
}

void decode_shrink_row(struct decode_shrink *s, const uint8_t *rgb)
{
    if (s->row == s->height)
        return;
    if (s->factor == 1) {
        size_t stride = (size_t)s->width * 3;
        memcpy(s->pixels + (size_t)s->row++ * stride, rgb, stride);
        return;
    }
    add_row(s, rgb);
    s->row++;
    if (s->row % s->factor == 0 || s->row == s->height)
        finish_squares(s);
}

struct image *decode_shrink_take(struct decode_shrink *s)
{
    int rows = s->row / s->factor;
    if (s->row % s->factor && s->row < s->height)
        finish_squares(s);
    if (s->row % s->factor || s->row == s->height)
        rows = (s->row + s->factor - 1) / s->factor;
    size_t stride = (size_t)s->out_width * 3;
    memset(s->pixels + (size_t)rows * stride, GREY, (size_t)(s->out_height - rows) * stride);
    struct image *image = decode_image_take(s->out_width, s->out_height, s->pixels);
    s->pixels = NULL;
    return image;
}
