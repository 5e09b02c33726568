/* SPDX-License-Identifier: MIT */
/* The meaning of a picture's pixel values, and the conversion to sRGB, the colour space of the
 * web, of screens, and of the pictures that CLIP was trained with.
 *
 *     struct colour colour = {0};
 *     colour_set_icc(&colour, profile, size);
 *     colour_convert(&colour, rgb, n_px);
 *     colour_release(&colour);
 *
 * Pixels stay bit-identical if the file specifies no colours, if the specification does not fit
 * the pixels or is damaged, and if it means sRGB: that is, if a profile would change none of about
 * a thousand colours by more than two levels of 255 (the many sRGB profiles in circulation differ
 * by one), or has the name of the one official sRGB profile that changes contrast. All other
 * pixels are converted by Little CMS with perceptual intent, as Pillow's ImageCms does. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialized: nothing is known. If several fields are given, the first of these applies. */
struct colour {
    /* Code points of ITU-T H.273, as in HEIF, AVIF and PNG's cICP; 0 or 2: unknown. */
    int primaries, transfer;
    uint8_t *icc; /* an ICC profile, owned */
    size_t icc_size;
    /* As in PNG's gAMA: the exponent of the encoder, usually 1/2.2; 0: none. Used only together
     * with chromaticity: on its own it is written by programs that know nothing about the picture.
     */
    double gamma;
    bool has_chromaticity;  /* as in PNG's cHRM */
    double chromaticity[8]; /* x and y of white, red, green, blue */
};

void colour_release(struct colour *colour);
/* Stores a copy; ignores an empty profile, and one larger than LIMIT_ICC_BYTES. */
void colour_set_icc(struct colour *colour, const void *icc, size_t size);

/* Converts [n_px][3] to sRGB, in place. */
void colour_convert(const struct colour *colour, uint8_t *rgb, size_t n_px);

/* Converts [n_px][4], inverted as Adobe stores CMYK, to sRGB of [n_px][3], in place. Returns
 * false, with the pixels unchanged, without a valid CMYK profile. */
bool colour_convert_cmyk(const struct colour *colour, uint8_t *pixels, size_t n_px);

/* The version of Little CMS: "2.14". */
void colour_engine_version(char *text, size_t size);
