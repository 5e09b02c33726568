/* SPDX-License-Identifier: MIT */
/* libjpeg-turbo behind one call: decodes as much as there is, and tells how much that was. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct jpeg_request {
    const uint8_t *data;
    size_t size;
    int width, height; /* of the picture, as jpeg_outline has them */
    int scale;         /* 1, 2, 4 or 8: what the sides are divided by, rounded up */
    int channels;      /* 3: RGB, 4: CMYK as stored */
    double most_lost;  /* when more is lost than this share, the rest need not be decoded */
};

struct jpeg_result {
    double lost;     /* share of the picture, 0 to 1, that there is no data for: grey */
    bool incomplete; /* the data stops before the picture does, if only before its last details */
    bool cut;        /* ... and the file with it: nothing closes it */
    bool damaged;    /* the codec met data that cannot be */
};

/* Fills all of `pixels` (scaled width x height x channels). ERR_UNSUPPORTED, ERR_CORRUPT (nothing
 * could be decoded), ERR_NO_MEMORY. */
int jpeg_codec_decode(const struct jpeg_request *request, uint8_t *pixels,
                      struct jpeg_result *ret_result, struct error *err) MUST_CHECK;

/* "libjpeg-turbo 2.1.5": the one that this program was built with. */
const char *jpeg_codec_version(void);
