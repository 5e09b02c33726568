/* SPDX-License-Identifier: MIT */
/* Draws test pictures by formula. */
#include "models/model_patterns.h"

#include <string.h>

typedef void paint_pixel(int x, int y, int side, uint8_t *rgb);

static void draw_gradient(int x, int y, int side, uint8_t *rgb)
{
    rgb[0] = (uint8_t)(255 * x / (side - 1));
    rgb[1] = (uint8_t)(255 * y / (side - 1));
    rgb[2] = (uint8_t)(255 - rgb[0]);
}

static void draw_checker(int x, int y, int side, uint8_t *rgb)
{
    static const uint8_t colours[2][3] = {{30, 60, 200}, {220, 40, 40}};
    memcpy(rgb, colours[(8 * x / side + 8 * y / side) & 1], 3);
}

static void draw_rings(int x, int y, int side, uint8_t *rgb)
{
    int64_t dx = 2 * x - side, dy = 2 * y - side, d = dx * dx + dy * dy;
    rgb[0] = (uint8_t)(d / 16);
    rgb[1] = (uint8_t)(d / 32);
    rgb[2] = (uint8_t)(255 - (uint8_t)(d / 64));
}

static const struct {
    const char *name;
    paint_pixel *paint;
} patterns[] = {{"gradient", draw_gradient}, {"checker", draw_checker}, {"rings", draw_rings}};

int model_pattern(const char *name, int side, struct image **ret_image, struct error *err)
{
    size_t i = 0, count = sizeof patterns / sizeof *patterns;
    while (i < count && strcmp(patterns[i].name, name) != 0)
        i++;
    if (i == count)
        return error_set(err, ERR_NOT_FOUND, "there is no pattern of that name");
    int rc = image_new(side, side, ret_image, err);
    if (rc)
        return rc;
    uint8_t *rgb = (*ret_image)->rgb;
    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++, rgb += 3)
            patterns[i].paint(x, y, side, rgb);
    }
    return 0;
}
