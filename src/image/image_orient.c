/* SPDX-License-Identifier: MIT */
/* Makes pictures upright by the EXIF orientation. */
#include "image/image_orient.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "image/decode_memory.h"

/* Pixels are copied in squares of this side, so that the rows of both pictures stay in cache. */
#define TILE_PX 32

bool orient_swaps_sides(int orientation)
{
    return orientation >= 5 && orientation <= 8;
}

void orient_region(struct photo_region *region, int orientation)
{
    if (!region->has_box)
        return;
    bool mirrored = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool flipped = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    struct photo_region r = *region;
    r.x = mirrored ? 1 - (r.x + r.width) : r.x;
    r.y = flipped ? 1 - (r.y + r.height) : r.y;
    bool swapped = orient_swaps_sides(orientation);
    region->x = fmax(swapped ? r.y : r.x, 0);
    region->y = fmax(swapped ? r.x : r.y, 0);
    region->width = swapped ? r.height : r.width;
    region->height = swapped ? r.width : r.height;
}

static void swap_pixels(uint8_t *a, uint8_t *b)
{
    for (int c = 0; c < 3; c++) {
        uint8_t kept = a[c];
        a[c] = b[c];
        b[c] = kept;
    }
}

static void reverse_pixels(uint8_t *rgb, size_t n_px)
{
    for (size_t i = 0; i < n_px / 2; i++)
        swap_pixels(rgb + 3 * i, rgb + 3 * (n_px - 1 - i));
}

static void mirror_rows(struct image *image)
{
    size_t stride = (size_t)image->width * 3;
    for (int y = 0; y < image->height; y++)
        reverse_pixels(image->rgb + (size_t)y * stride, (size_t)image->width);
}

/* The destination of the pixel (x, y) of the stored picture: the origin and the step per x and per
 * y. */
struct mapping {
    ptrdiff_t origin, step_x, step_y; /* bytes */
};

static struct mapping mapping_of(int orientation, int width, int height)
{
    ptrdiff_t stride = (ptrdiff_t)height * 3; /* of the upright picture */
    bool right_to_left = orientation == 6 || orientation == 7;
    bool bottom_to_top = orientation == 7 || orientation == 8;
    return (struct mapping){
        .origin = (right_to_left ? stride - 3 : 0) + (bottom_to_top ? stride * (width - 1) : 0),
        .step_x = bottom_to_top ? -stride : stride,
        .step_y = right_to_left ? -3 : 3,
    };
}

static void map_tile(const struct image *in, uint8_t *out, const struct mapping *map, int x0,
                     int y0)
{
    int x1 = x0 + TILE_PX < in->width ? x0 + TILE_PX : in->width;
    int y1 = y0 + TILE_PX < in->height ? y0 + TILE_PX : in->height;
    for (int y = y0; y < y1; y++) {
        const uint8_t *from = in->rgb + ((size_t)y * (size_t)in->width + (size_t)x0) * 3;
        uint8_t *to = out + map->origin + y * map->step_y + x0 * map->step_x;
        for (int x = x0; x < x1; x++, from += 3, to += map->step_x)
            memcpy(to, from, 3);
    }
}

static int transpose_image(struct image **image, int orientation, struct error *err)
{
    const struct image *in = *image;
    size_t bytes = (size_t)in->width * (size_t)in->height * 3;
    if (bytes > LIMIT_DECODE_BYTES / 2)
        return error_set(err, ERR_LIMIT,
                         "rotating this picture of %d x %d pixels upright would take more than %zu "
                         "MiB of memory",
                         in->width, in->height, LIMIT_DECODE_BYTES >> 20);
    struct image *out;
    int rc = decode_memory_reserve(2 * (uint64_t)bytes, 0, err);
    if (rc)
        return rc;
    rc = image_new(in->height, in->width, &out, err);
    if (rc)
        return rc;
    struct mapping map = mapping_of(orientation, in->width, in->height);
    for (int y = 0; y < in->height; y += TILE_PX)
        for (int x = 0; x < in->width; x += TILE_PX)
            map_tile(in, out->rgb, &map, x, y);
    image_free(*image);
    *image = out;
    return 0;
}

int image_orient(struct image **image, int orientation, struct error *err)
{
    if (orient_swaps_sides(orientation))
        return transpose_image(image, orientation, err);
    if (orientation == 3 || orientation == 4) /* 4 is 3, then mirrored */
        reverse_pixels((*image)->rgb, (size_t)(*image)->width * (size_t)(*image)->height);
    if (orientation == 2 || orientation == 4)
        mirror_rows(*image);
    return 0;
}
