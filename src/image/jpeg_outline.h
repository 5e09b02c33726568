/* The skeleton of a JPEG file, read from its markers (ITU-T T.81, annex B) without decoding: what
 * must be known before the codec is let at the data. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jpeg_outline {
    int width, height; /* 0 when no frame header was found */
    int components;    /* 1 grey, 3 colour, 4 CMYK or YCCK */
    uint64_t samples;  /* of all components together, chroma at its own resolution */
    bool progressive;
    int scans;  /* how often the codec will pass over the picture */
    bool ended; /* an end-of-image marker closes the data */
};

void jpeg_outline_read(const uint8_t *data, size_t size, struct jpeg_outline *ret_outline);
