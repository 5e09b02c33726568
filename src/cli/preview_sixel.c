/* SPDX-License-Identifier: MIT */
/* Prints a picture as sixels. */
#include <string.h>

#include "cli/preview_palette.h"
#include "cli/preview_print.h"

#define BAND 6 /* rows in one band of sixels */
#define RUN_WORTH 4

static int to_percent(uint8_t value)
{
    return (value * 100 + 127) / 255;
}

static void print_run(FILE *stream, int count, uint8_t sixel)
{
    char letter = (char)('?' + sixel);
    if (count >= RUN_WORTH)
        fprintf(stream, "!%d%c", count, letter);
    else
        while (count-- > 0)
            fputc(letter, stream);
}

/* Prints the pixels of one colour in a band, without empty ones at the end. */
static void print_colour(FILE *stream, const uint8_t *sixels, int width)
{
    while (width > 0 && !sixels[width - 1])
        width--;
    for (int x = 0, run; x < width; x += run) {
        for (run = 1; x + run < width && sixels[x + run] == sixels[x];)
            run++;
        print_run(stream, run, sixels[x]);
    }
}

/* `sixels`: [colour][width], zeros before and after. */
static void print_band(FILE *stream, const uint8_t *indices, int width, int rows, int colours,
                       uint8_t *sixels)
{
    size_t stride = (size_t)width;
    bool used[PALETTE_MAX] = {false};
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < width; x++) {
            uint8_t colour = indices[(size_t)y * stride + (size_t)x];
            sixels[colour * stride + (size_t)x] |= (uint8_t)(1 << y);
            used[colour] = true;
        }
    const char *before = "";
    for (int colour = 0; colour < colours; colour++) {
        if (!used[colour])
            continue;
        fprintf(stream, "%s#%d", before, colour);
        print_colour(stream, sixels + (size_t)colour * stride, width);
        memset(sixels + (size_t)colour * stride, 0, stride);
        before = "$"; /* carriage return */
    }
}

int preview_print_sixel(FILE *stream, const struct image *image, struct error *err)
{
    (void)err;
    struct palette palette;
    palette_choose(image, PALETTE_MAX, &palette);
    size_t width = (size_t)image->width;
    AUTO_FREE uint8_t *indices = xmalloc(width * (size_t)image->height);
    AUTO_FREE uint8_t *sixels = xcalloc((size_t)palette.count, width);
    palette_apply(image, &palette, indices);
    fprintf(stream, "\033P0;1;0q\"1;1;%d;%d", image->width, image->height);
    for (int i = 0; i < palette.count; i++)
        fprintf(stream, "#%d;2;%d;%d;%d", i, to_percent(palette.rgb[i][0]),
                to_percent(palette.rgb[i][1]), to_percent(palette.rgb[i][2]));
    for (int y = 0; y < image->height; y += BAND) {
        int rows = image->height - y < BAND ? image->height - y : BAND;
        fputs(y ? "-" : "", stream);
        print_band(stream, indices + (size_t)y * width, image->width, rows, palette.count, sixels);
    }
    fputs("\033\\", stream);
    return 0;
}
