/* SPDX-License-Identifier: MIT */
/* The skeleton of a JPEG file, read from its markers (ITU-T T.81, annex B) without decoding: what
 * must be known before the codec is let at the data, and what in it would lead the codec astray.
 *
 * Damaged bytes in the middle of a picture often look like a marker, at which a codec gives up all
 * that follows. Such a stray marker is told from a real one by what follows it, and is made
 * harmless in a copy of the data, so that only the damaged spot is lost. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jpeg_outline {
    int width, height; /* 0 when no frame header was found */
    int components;    /* 1 grey, 3 colour, 4 CMYK or YCCK */
    uint64_t samples;  /* of all components together, chroma at its own resolution */
    bool progressive;
    int scans;          /* how often the codec will pass over the picture */
    bool ended;         /* an end-of-image marker closes the data */
    bool doubtful_end;  /* ... but picture data and another one follow it */
    int strays;         /* markers that are none, doubtful ends not counted */
    bool cut_segment;   /* one of the strays is a segment that the file does not hold in full */
    bool height_at_end; /* the frame header left it to a DNL segment behind the first scan */
};

/* How many foreign bytes, up to some dozens (a byte order mark, a blank line), stand before a JPEG
 * file; 0 when none do, or it is none. */
size_t jpeg_find_start(const uint8_t *data, size_t size);

/* pass_ends: doubtful ends are strays. */
void jpeg_outline_read(const uint8_t *data, size_t size, bool pass_ends,
                       struct jpeg_outline *ret_outline);

/* Makes the strays in `data` harmless and states the height in the frame header. */
void jpeg_outline_mend(uint8_t *data, size_t size, bool pass_ends);
