/* SPDX-License-Identifier: MIT */
/* Cuts a rectangle out of a picture. */
#include <string.h>

#include "image/encode.h"

int image_crop(const struct image *image, int left, int top, int width, int height,
               struct image **ret_image, struct error *err)
{
    if (left < 0 || top < 0 || width < 1 || height < 1 || left > image->width - width ||
        top > image->height - height)
        return error_set(err, ERR_INVALID,
                         "a crop of %d x %d pixels at %d, %d is not inside a picture of %d x %d",
                         width, height, left, top, image->width, image->height);
    struct image *part;
    int rc = image_new(width, height, &part, err);
    if (rc)
        return rc;
    size_t row = (size_t)width * 3, stride = (size_t)image->width * 3;
    const uint8_t *from = image->rgb + (size_t)top * stride + (size_t)left * 3;
    for (int y = 0; y < height; y++)
        memcpy(part->rgb + (size_t)y * row, from + (size_t)y * stride, row);
    *ret_image = part;
    return 0;
}
