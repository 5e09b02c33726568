/* SPDX-License-Identifier: MIT */
/* Decodes pictures: untrusted bytes to upright RGB pixels and facts.
 *
 *     AUTO(image) *photo = NULL;
 *     struct photo_facts facts;
 *     struct decode_options options = {.short_edge_px = 224};
 *     if (image_decode(data, size, &options, &photo, &facts, err)) ...
 *
 * The format is determined by the magic bytes, never by a file name. Greys, palettes, 16 bits per
 * sample, CMYK and alpha (over white) are all converted to 8-bit sRGB: the file's colour
 * information is applied (image/colour.h), and pixels without any are left unchanged. The EXIF
 * orientation is also applied. All functions are thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/photo.h"
#include "metadata/sidecar.h"

struct image {
    int width, height;
    uint8_t *rgb; /* [height][width][3], rows without padding */
    /* For lent pixels (cage/cage.h): image_free calls it in place of free(rgb). NULL in every
     * other picture. */
    void (*end_loan)(void *loan);
    void *loan;
};

struct decode_options {
    /* The caller will reduce the short edge to this many pixels: a decoder that can scale while
     * decoding may return any size whose short edge is at least twice this. 0: full size. */
    int short_edge_px;
    /* Files beside the photo, whose facts are added to its own; at most LIMIT_SIDECARS. */
    const struct sidecar *sidecars;
    size_t n_sidecars;
    struct decode_extras *extras; /* receives what else is known of the photo; NULL: not wanted */
};

struct decode_extras {
    struct photo_regions regions;
    unsigned broken_sidecars; /* bit i: sidecars[i] could not be read to its end */
};

/* ERR_UNSUPPORTED: not a picture of a known format; ERR_CORRUPT: broken or truncated; ERR_LIMIT:
 * exceeds a limit of base/limits.h; ERR_NO_MEMORY. The message does not name the file; callers add
 * its name. ret_facts may be NULL. The caller owns the image and releases it with image_free. */
int image_decode(const void *data, size_t size, const struct decode_options *options,
                 struct image **ret_image, struct photo_facts *ret_facts,
                 struct error *err) MUST_CHECK;

/* Whether the first bytes of a file (256 are enough) are those of the format, named as in
 * photo_facts. */
bool image_has_format(const void *data, size_t size, const char *format);

/* Whether the first bytes of a file (256 are enough) are those of a supported format. */
bool image_is_picture(const void *data, size_t size);

/* Checks the size of a file before image_decode examines it: ERR_CORRUPT for an empty one,
 * ERR_LIMIT. */
int image_check_file(size_t size, struct error *err) MUST_CHECK;

/* Loads the files that codecs need (plugins), so that image_decode opens none afterwards. */
void image_decode_prepare(void);

/* Allocates an image of uninitialized pixels; ERR_LIMIT, ERR_NO_MEMORY. */
int image_new(int width, int height, struct image **ret_image, struct error *err) MUST_CHECK;
void image_free(struct image *image); /* NULL is allowed */
DEFINE_AUTO(image, image_free)

/* Bicubic (a = -0.5) with antialiasing, bit-identical to Pillow's Image.resize(size, BICUBIC) on
 * RGB: two passes, horizontal first, 8-bit between them, coefficients in 22-bit fixed point. */
int image_resize(const struct image *image, int width, int height, struct image **ret_image,
                 struct error *err) MUST_CHECK;

/* The same as image_resize followed by a crop to [left, left+crop_width) x [top, top+crop_height)
 * of the resized picture, but computes only the pixels that the crop keeps: the same result with
 * less work. */
int image_resize_crop(const struct image *image, int width, int height, int left, int top,
                      int crop_width, int crop_height, struct image **ret_image,
                      struct error *err) MUST_CHECK;
