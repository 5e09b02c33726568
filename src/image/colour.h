/* SPDX-License-Identifier: MIT */
/* What the numbers of a picture's pixels mean, and the same picture in sRGB, the colours of the
 * web, of screens, and of the pictures that CLIP was trained with.
 *
 *     struct colour colour = {0};
 *     colour_set_icc(&colour, profile, size);
 *     colour_convert(&colour, rgb, n_px);
 *     colour_release(&colour);
 *
 * Pixels stay what they are, to the bit, when nothing is said about them, when what is said does
 * not fit them or is broken, and when it says sRGB: that is, when a profile would move none of some
 * thousand colours by more than two levels of 255 (the many sRGB profiles in the world differ by
 * one), or has the name of the one official sRGB profile that changes contrast. Everything else is
 * converted by Little CMS with perceptual intent, as Pillow's ImageCms does it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed: nothing is known. When several are given, the first of these counts. */
struct colour {
    /* Code points of ITU-T H.273, as in HEIF, AVIF and PNG's cICP; 0 or 2: not known. */
    int primaries, transfer;
    uint8_t *icc; /* an ICC profile, owned */
    size_t icc_size;
    /* As PNG's gAMA: the exponent of the encoder, 1/2.2 for most; 0: none. It counts beside
     * chromaticity only: alone it is written by programs that know nothing of the picture. */
    double gamma;
    bool has_chromaticity;  /* as PNG's cHRM */
    double chromaticity[8]; /* x and y of white, red, green, blue */
};

void colour_release(struct colour *colour);
/* A copy; nothing happens with an empty profile, and with one above LIMIT_ICC_BYTES. */
void colour_set_icc(struct colour *colour, const void *icc, size_t size);

/* [n_px][3] to sRGB, in place. */
void colour_convert(const struct colour *colour, uint8_t *rgb, size_t n_px);

/* [n_px][4], inverted as Adobe stores CMYK, to sRGB of [n_px][3], in place. False, with the pixels
 * as they were, without a sound profile for CMYK. */
bool colour_convert_cmyk(const struct colour *colour, uint8_t *pixels, size_t n_px);

/* Of Little CMS: "2.14". */
void colour_engine_version(char *text, size_t size);
