/* SPDX-License-Identifier: MIT */
/* Shared by the decoders, one file per format, and image_decode.c; private to this module.
 *
 * To add a format, write decode_x.c with a `const struct decoder decode_x`, declare it below and
 * put it in the table of image_decode.c, which is how the rest of the program finds it. A decoder
 * checks sizes with decode_check_size before it allocates, and reports missing parts of a damaged
 * picture with decode_note_loss: a small loss is tolerated, but a clear error is better than half
 * a picture. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/colour.h"
#include "image/decode_memory.h"
#include "image/image.h"
#include "metadata/metadata.h"

/* The output of a decoder. The caller passes it zeroed; after a failure its content is undefined
 * and image is NULL. */
struct decoded {
    struct image *image;  /* as stored, before orienting; owned by the caller */
    int width, height;    /* of the full picture, as stored */
    char format[8];       /* as in struct photo_facts */
    char damage[128];     /* as in struct photo_facts */
    struct colour colour; /* of image, which is not yet converted to sRGB; released by the caller */
    /* metadata.orientation is not yet applied to the pixels; 0 or 1: nothing to apply. */
    struct metadata metadata;
};

struct picture_format {
    const char *name;       /* as in struct photo_facts: "heic" */
    const char *label;      /* for people: "HEIC" */
    const char *media_type; /* as in HTTP: "image/heic" */
};

struct decoder {
    const char *name;                 /* for people: "HEIF" */
    struct picture_format formats[3]; /* ends with one without a name */
    const char *extensions[16]; /* of its files, in lower case, without the dot; ends with a NULL */
    const char *packages[3];    /* Debian's build dependencies (tools/deps); ends with a NULL */
    /* Whether the first bytes are of this format. */
    bool (*sniff)(const uint8_t *data, size_t size);
    int (*decode)(const uint8_t *data, size_t size, int short_edge_px, struct decoded *ret,
                  struct error *err);
    /* Describes its libraries with their versions: "libpng 1.6.39". */
    void (*describe)(char *text, size_t size);
    void (*prepare)(void); /* loads the files that the codec needs; NULL: none */
};

extern const struct decoder *const decoder_table[];
extern const size_t decoder_count;
/* The decoder for these magic bytes; NULL: none. */
const struct decoder *decoder_find(const uint8_t *data, size_t size);

extern const struct decoder decode_jpeg, decode_png, decode_webp, decode_gif, decode_heif,
    decode_tiff, decode_bmp;

/* Returns 0 if a picture of that size may be decoded with a peak of bytes_per_px bytes per pixel
 * and `more` additional bytes, and reserves that memory (decode_memory.h); else ERR_CORRUPT (no
 * pixels) or ERR_LIMIT. */
int decode_check_size(uint64_t width, uint64_t height, unsigned bytes_per_px, uint64_t more,
                      struct error *err) MUST_CHECK;

/* Checks only the sides, as decode_check_size does: ERR_CORRUPT, ERR_LIMIT. */
int decode_check_sides(uint64_t width, uint64_t height, struct error *err) MUST_CHECK;

/* The same as decode_check_size for a picture with any number of pixels that needs `bytes` in
 * total. */
int decode_check_memory(uint64_t width, uint64_t height, uint64_t bytes,
                        struct error *err) MUST_CHECK;

/* The share of a picture that may be missing; a larger loss is refused. */
#define DECODE_MOST_LOST 0.10

/* Reports that the share `lost` (0 to 1) of a picture is missing for a reason ("the PNG data ends
 * early"): marks the picture as damaged, or fails with ERR_CORRUPT if the share is too large. A
 * share of zero means that all pixels are present, but something is wrong with the file. */
int decode_note_loss(struct decoded *ret, const char *reason, double lost,
                     struct error *err) MUST_CHECK;

/* Allocates width x height pixels of `channels` bytes (3 or 4); release them with
 * decode_memory_free (or AUTO_PIXELS). Call decode_check_size first. */
int decode_alloc(int width, int height, int channels, uint8_t **ret_pixels,
                 struct error *err) MUST_CHECK;

/* Takes ownership of a block whose first width * height * 3 bytes are the pixels. */
struct image *decode_image_take(int width, int height, uint8_t *rgb);

/* Converts RGBA to RGB over white, in place: the result is the first n_px * 3 bytes. Bit-identical
 * to Pillow's Image.paste(picture, mask=alpha) on white. */
void decode_flatten(uint8_t *pixels, size_t n_px);

/* The same as decode_flatten for colours that are premultiplied by alpha. */
void decode_flatten_premultiplied(uint8_t *pixels, size_t n_px);

/* a * b / 255 rounded to the nearest integer, for a and b from 0 to 255. */
static inline uint8_t decode_scale255(unsigned a, unsigned b)
{
    unsigned t = a * b + 128;
    return (uint8_t)(((t >> 8) + t) >> 8);
}
