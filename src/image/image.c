/* SPDX-License-Identifier: MIT */
/* Allocates and frees pictures. */
#include "image/image.h"

#include "base/limits.h"
#include "image/decode_memory.h"

int image_new(int width, int height, struct image **ret_image, struct error *err)
{
    if (width < 1 || height < 1)
        return error_set(err, ERR_INVALID, "invalid picture size: %d x %d pixels", width, height);
    void *rgb;
    int rc = decode_memory_take((size_t)width * (size_t)height, 3, &rgb, err);
    if (rc)
        return rc;
    struct image *image = xmalloc(sizeof *image);
    *image = (struct image){.width = width, .height = height, .rgb = rgb};
    *ret_image = image;
    return 0;
}

void image_free(struct image *image)
{
    if (!image)
        return;
    if (image->end_loan)
        image->end_loan(image->loan);
    else
        decode_memory_free(image->rgb);
    free(image);
}
