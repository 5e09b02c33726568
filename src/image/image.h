/* SPDX-License-Identifier: MIT */
/* Pictures: foreign bytes in, upright RGB pixels and facts out.
 *
 *     AUTO(image) *photo = NULL;
 *     struct photo_facts facts;
 *     struct decode_options options = {.short_edge_px = 224};
 *     if (image_decode(data, size, &options, &photo, &facts, err)) ...
 *
 * The format is told from the magic bytes, never from a file name. Greys, palettes, 16 bits a
 * sample, CMYK and alpha (over white) all arrive as 8-bit sRGB: what a file says of its colours is
 * applied (image/colour.h), and pixels without such words are taken as they are. The EXIF
 * orientation is applied, too. All functions are thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/photo.h"

struct image {
    int width, height;
    uint8_t *rgb; /* [height][width][3], rows without padding */
    /* For pixels that were lent (cage/cage.h): called by image_free in the place of free(rgb). NULL
     * in every other picture. */
    void (*end_loan)(void *loan);
    void *loan;
};

struct decode_options {
    /* The caller will shrink the short edge to this many pixels: a decoder that can decode scaled
     * may deliver any size whose short edge is still at least twice this. 0: full size. */
    int short_edge_px;
};

/* ERR_UNSUPPORTED: not a picture of a known format; ERR_CORRUPT: broken or truncated; ERR_LIMIT:
 * past a limit of base/limits.h; ERR_NO_MEMORY. The sentence does not name the file: callers add
 * that. ret_facts may be NULL. The image is the caller's, to release with image_free. */
int image_decode(const void *data, size_t size, const struct decode_options *options,
                 struct image **ret_image, struct photo_facts *ret_facts,
                 struct error *err) MUST_CHECK;

/* Whether the first bytes of a file (256 are enough) are those of the format, as photo_facts has
 * it. */
bool image_has_format(const void *data, size_t size, const char *format);

/* Whether the first bytes of a file (256 are enough) are those of a format that is read. */
bool image_is_picture(const void *data, size_t size);

/* What image_decode says of a file of that size before it looks at it: ERR_CORRUPT for an empty
 * one, ERR_LIMIT. */
int image_check_file(size_t size, struct error *err) MUST_CHECK;

/* Loads what codecs need from files (plugins), so that image_decode opens none afterwards. */
void image_decode_prepare(void);

/* An image of uninitialised pixels; ERR_LIMIT, ERR_NO_MEMORY. */
int image_new(int width, int height, struct image **ret_image, struct error *err) MUST_CHECK;
void image_free(struct image *image); /* NULL is fine */
DEFINE_AUTO(image, image_free)

/* Bicubic (a = -0.5) with antialiasing, equal to the bit to Pillow's Image.resize(size, BICUBIC) on
 * RGB: two passes, horizontal first, 8-bit between them, coefficients in 22-bit fixed point. */
int image_resize(const struct image *image, int width, int height, struct image **ret_image,
                 struct error *err) MUST_CHECK;

/* As image_resize followed by a crop to [left, left+crop_width) x [top, top+crop_height) of the
 * resized picture, computing only what the crop keeps: the same pixels, less work. */
int image_resize_crop(const struct image *image, int width, int height, int left, int top,
                      int crop_width, int crop_height, struct image **ret_image,
                      struct error *err) MUST_CHECK;
