/* SPDX-License-Identifier: MIT */
/* Wraps libjpeg-turbo in one call: decodes as much data as there is, and reports the missing
 * share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct jpeg_request {
    const uint8_t *data;
    size_t size;
    int width, height; /* of the picture, as in jpeg_outline */
    int scale;         /* 1, 2, 4 or 8: the divisor of the sides, rounded up */
    int channels;      /* 3: RGB, 4: CMYK as stored */
    double most_lost;  /* if more than this share is lost, the rest need not be decoded */
};

struct jpeg_result {
    double lost; /* share of the picture, 0 to 1, without data: grey */
    /* The data ends before the picture does, even if only its last details are missing. */
    bool incomplete;
    bool cut;     /* incomplete, and the file itself is cut off: it has no end marker */
    bool damaged; /* the codec found impossible data */
};

/* Fills all of `pixels` (scaled width x height x channels). ERR_UNSUPPORTED, ERR_CORRUPT (nothing
 * could be decoded), ERR_NO_MEMORY. */
int jpeg_codec_decode(const struct jpeg_request *request, uint8_t *pixels,
                      struct jpeg_result *ret_result, struct error *err) MUST_CHECK;

/* "libjpeg-turbo 2.1.5", the version that this program was built with. */
const char *jpeg_codec_version(void);
