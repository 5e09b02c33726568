/* SPDX-License-Identifier: MIT */
/* Encodes JPEG, using libjpeg-turbo. */
#include <turbojpeg.h>

#include "base/limits.h"
#include "image/encode.h"

#define SIDE_MAX_PX 65500 /* the codec's limit: JPEG_MAX_DIMENSION */
#define QUALITY_FULL_COLOUR 90

static int check_size(const struct image *image, struct error *err)
{
    if (image->width > SIDE_MAX_PX || image->height > SIDE_MAX_PX)
        return error_set(err, ERR_LIMIT,
                         "a picture of %d x %d pixels is too large for JPEG, whose limit is %d "
                         "per side",
                         image->width, image->height, SIDE_MAX_PX);
    return 0;
}

static int compress_image(tjhandle codec, const struct image *image, int quality,
                          uint8_t **ret_data, size_t *ret_size, struct error *err)
{
    int sampling = quality >= QUALITY_FULL_COLOUR ? TJSAMP_444 : TJSAMP_420;
    void *block;
    int rc = try_alloc(tjBufSize(image->width, image->height, sampling), 1, LIMIT_DECODE_BYTES,
                       &block, err);
    if (rc)
        return rc;
    unsigned char *data = block;
    unsigned long size = 0;
    if (tjCompress2(codec, image->rgb, image->width, image->width * 3, image->height, TJPF_RGB,
                    &data, &size, sampling, quality, TJFLAG_ACCURATEDCT | TJFLAG_NOREALLOC)) {
        rc = error_set(err, ERR_INVALID, "cannot write a JPEG picture of %d x %d pixels: %s",
                       image->width, image->height, tjGetErrorStr2(codec));
        free(block);
        return rc;
    }
    *ret_data = xrealloc(block, size);
    *ret_size = size;
    return 0;
}

int image_encode_jpeg(const struct image *image, int quality, uint8_t **ret_data, size_t *ret_size,
                      struct error *err)
{
    int rc = check_size(image, err);
    if (rc)
        return rc;
    tjhandle codec = tjInitCompress();
    if (!codec)
        return error_set(err, ERR_NO_MEMORY, "cannot start the JPEG encoder");
    rc = compress_image(codec, image, quality, ret_data, ret_size, err);
    tjDestroy(codec);
    return rc;
}
