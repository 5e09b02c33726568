/* SPDX-License-Identifier: MIT */
/* What the decoders, one file per format, share with image_decode.c; private to this module.
 *
 * To add a format: write decode_x.c with a `const struct decoder decode_x`, declare it below and
 * put it in the table of image_decode.c; the rest of the program knows it by that. A decoder checks
 * sizes with decode_check_size before it allocates, and says with decode_note_loss what of a
 * damaged picture is missing: a little is forgiven, half a picture is worse than a clear error. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/colour.h"
#include "image/decode_memory.h"
#include "image/exif.h"
#include "image/image.h"

/* What a decoder found. The caller gives it zeroed; after a failure its content is meaningless and
 * image is NULL. */
struct decoded {
    struct image *image;  /* as stored, not yet turned; the caller's */
    int width, height;    /* of the full picture, as stored */
    char format[8];       /* as in struct photo_facts */
    char damage[128];     /* as in struct photo_facts */
    struct colour colour; /* of image: still to be converted to sRGB; released by the caller */
    struct exif exif;     /* exif.orientation still to be applied to the pixels: 0 or 1 when done */
};

struct picture_format {
    const char *name;       /* as in struct photo_facts: "heic" */
    const char *label;      /* for people: "HEIC" */
    const char *media_type; /* as HTTP calls it: "image/heic" */
};

struct decoder {
    const char *name;                 /* for people: "HEIF" */
    struct picture_format formats[3]; /* up to one without a name */
    const char *extensions[16];       /* of its files, lower case, without the dot; up to a NULL */
    const char *packages[3]; /* Debian's, with which it is built (tools/deps); up to a NULL */
    bool (*sniff)(const uint8_t *data, size_t size); /* do the first bytes say so? */
    int (*decode)(const uint8_t *data, size_t size, int short_edge_px, struct decoded *ret,
                  struct error *err);
    /* Names the libraries behind it with their versions: "libpng 1.6.39". */
    void (*describe)(char *text, size_t size);
    void (*prepare)(void); /* loads what the codec needs from files; NULL: nothing */
};

extern const struct decoder *const decoder_table[];
extern const size_t decoder_count;
/* The decoder whose magic bytes these are; NULL: none. */
const struct decoder *decoder_find(const uint8_t *data, size_t size);

extern const struct decoder decode_jpeg, decode_png, decode_webp, decode_gif, decode_heif,
    decode_tiff, decode_bmp;

/* 0 when a picture of that size may be decoded with bytes_per_px bytes held per pixel at the worst
 * moment and `more` bytes besides, and that memory is reserved (decode_memory.h); else ERR_CORRUPT
 * (no pixels) or ERR_LIMIT. */
int decode_check_size(uint64_t width, uint64_t height, unsigned bytes_per_px, uint64_t more,
                      struct error *err) MUST_CHECK;

/* The part of decode_check_size about the sides: ERR_CORRUPT, ERR_LIMIT. */
int decode_check_sides(uint64_t width, uint64_t height, struct error *err) MUST_CHECK;

/* The same as decode_check_size where a picture may have any number of pixels and `bytes` in all
 * are held. */
int decode_check_memory(uint64_t width, uint64_t height, uint64_t bytes,
                        struct error *err) MUST_CHECK;

/* How much of a picture may be missing: more is refused. */
#define DECODE_MOST_LOST 0.10

/* A picture of which the share `lost` (0 to 1) is missing for a reason ("the PNG data ends early"):
 * marks it as damaged, or, when it is too much, fails with ERR_CORRUPT. 0: all pixels are there,
 * but something is wrong with the file. */
int decode_note_loss(struct decoded *ret, const char *reason, double lost,
                     struct error *err) MUST_CHECK;

/* Room for width x height pixels of `channels` bytes (3 or 4), released with decode_memory_free (or
 * AUTO_PIXELS). Call decode_check_size first. */
int decode_alloc(int width, int height, int channels, uint8_t **ret_pixels,
                 struct error *err) MUST_CHECK;

/* Takes over a block whose first width * height * 3 bytes are the pixels. */
struct image *decode_image_take(int width, int height, uint8_t *rgb);

/* RGBA to RGB over white, in place: the result is the first n_px * 3 bytes. Equal to the bit to
 * Pillow's Image.paste(picture, mask=alpha) on white. */
void decode_flatten(uint8_t *pixels, size_t n_px);

/* As decode_flatten where the colours are already multiplied by alpha. */
void decode_flatten_premultiplied(uint8_t *pixels, size_t n_px);

/* a * b / 255 rounded to the nearest, for a and b of 0 to 255. */
static inline uint8_t decode_scale255(unsigned a, unsigned b)
{
    unsigned t = a * b + 128;
    return (uint8_t)(((t >> 8) + t) >> 8);
}
