/* SPDX-License-Identifier: MIT */
/* Finds the largest size within a model's limits of edge and patches. */
#include <stdbool.h>

#include "image/encode.h"

#define PATCH_PX 28

static int patch_count(int px)
{
    return (px + PATCH_PX - 1) / PATCH_PX;
}

/* The short side for a long side of `edge`; halves are rounded to even, as in Python's round()
 * (1270 of 2000 x 1500 gives 952). */
static int other_side(int edge, int long_px, int short_px)
{
    int64_t product = (int64_t)edge * short_px;
    int64_t floor = product / long_px, twice_rest = product % long_px * 2;
    bool up = twice_rest > long_px || (twice_rest == long_px && floor % 2);
    return floor + up > 1 ? (int)(floor + up) : 1;
}

static bool fits_limits(int width, int height, int edge_px, int max_tokens)
{
    if (!max_tokens)
        return width <= edge_px && height <= edge_px;
    return patch_count(width) * PATCH_PX <= edge_px && patch_count(height) * PATCH_PX <= edge_px &&
           (int64_t)patch_count(width) * patch_count(height) <= max_tokens;
}

void image_fit(int width, int height, int edge_px, int max_tokens, int *ret_width, int *ret_height)
{
    int long_px = width > height ? width : height, short_px = width > height ? height : width;
    int low = 1, high = long_px;
    while (low < high) { /* low fits, or nothing does; nothing above high fits */
        int middle = high - (high - low) / 2;
        if (fits_limits(middle, other_side(middle, long_px, short_px), edge_px, max_tokens))
            low = middle;
        else
            high = middle - 1;
    }
    int other = other_side(low, long_px, short_px);
    *ret_width = width > height ? low : other;
    *ret_height = width > height ? other : low;
}
