/* SPDX-License-Identifier: MIT */
/* Encodes PNG, using libpng. */
#include <png.h>

#include "base/limits.h"
#include "image/encode.h"

int image_encode_png(const struct image *image, uint8_t **ret_data, size_t *ret_size,
                     struct error *err)
{
    png_image header = {.version = PNG_IMAGE_VERSION,
                        .width = (png_uint_32)image->width,
                        .height = (png_uint_32)image->height,
                        .format = PNG_FORMAT_RGB};
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(header);
    void *block;
    int rc = try_alloc(size, 1, LIMIT_DECODE_BYTES, &block, err);
    if (rc)
        return rc;
    if (!png_image_write_to_memory(&header, block, &size, 0, image->rgb, 0, NULL)) {
        free(block);
        return error_set(err, ERR_INVALID, "cannot write a PNG picture of %d x %d pixels: %s",
                         image->width, image->height, header.message);
    }
    *ret_data = xrealloc(block, size);
    *ret_size = size;
    return 0;
}
