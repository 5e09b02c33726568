/* SPDX-License-Identifier: MIT */
/* Keeps rows of pixels as they arrive, or their means. */
#include "image/row_sink.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/decode.h"

int row_sink_open(struct row_sink *sink, struct error *err)
{
    sink->out_width = sink->width / sink->k;
    sink->out_height = sink->height / sink->k;
    sink->y = 0;
    int rc = decode_alloc(sink->out_width, sink->out_height, 3, &sink->out, err);
    if (!rc && sink->k > 1)
        sink->sums = xcalloc((size_t)sink->out_width * 3, sizeof *sink->sums);
    return rc;
}

static void add_row(struct row_sink *sink, const uint8_t *rgb)
{
    for (int x = 0; x < sink->out_width; x++)
        for (int i = 0; i < sink->k; i++, rgb += 3)
            for (int c = 0; c < 3; c++)
                sink->sums[3 * x + c] += rgb[c];
}

static void write_means(struct row_sink *sink, uint8_t *out)
{
    uint32_t n = (uint32_t)(sink->k * sink->k);
    for (int i = 0; i < sink->out_width * 3; i++) {
        out[i] = (uint8_t)((sink->sums[i] + n / 2) / n);
        sink->sums[i] = 0;
    }
}

void row_sink_push(struct row_sink *sink, const uint8_t *rgb)
{
    int y = sink->y++ - sink->top, out_y = y / sink->k;
    if (y < 0 || out_y >= sink->out_height)
        return;
    uint8_t *out = sink->out + (size_t)out_y * (size_t)sink->out_width * 3;
    rgb += 3 * (size_t)sink->left;
    if (sink->k == 1) {
        memcpy(out, rgb, (size_t)sink->out_width * 3);
        return;
    }
    add_row(sink, rgb);
    if (y % sink->k == sink->k - 1)
        write_means(sink, out);
}

uint8_t *row_sink_take(struct row_sink *sink)
{
    uint8_t *out = sink->out;
    sink->out = NULL;
    return out;
}

void row_sink_close(struct row_sink *sink)
{
    decode_memory_free(sink->out);
    free(sink->sums);
    sink->out = NULL;
    sink->sums = NULL;
}
