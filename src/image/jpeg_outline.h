/* SPDX-License-Identifier: MIT */
/* The structure of a JPEG file, read from its markers (ITU-T T.81, annex B) without decoding: the
 * properties that we must know before passing the data to libjpeg, and the markers that would
 * mislead it.
 *
 * Damaged bytes in the middle of a picture often look like a marker, at which a codec gives up the
 * rest of the data. Such a stray marker is distinguished from a real one by the bytes after it,
 * and is removed in a copy of the data, so that only the damaged part is lost. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct jpeg_outline {
    int width, height; /* 0 if there was no frame header */
    int components;    /* 1 grey, 3 colour, 4 CMYK or YCCK */
    uint64_t samples;  /* total over all components, with chroma at its own resolution */
    bool progressive;
    int scans;  /* number of scans in the file; the codec decodes the whole picture for each */
    bool ended; /* the data closes with an end-of-image marker */
    bool doubtful_end;  /* picture data and another end marker follow that end marker */
    int strays;         /* false markers, not counting doubtful ends */
    bool cut_segment;   /* one of the strays is a segment that extends past the end of the file */
    bool height_at_end; /* the frame header left it to a DNL segment after the first scan */
};

/* The number of foreign bytes, up to some dozens (a byte order mark, a blank line), before a JPEG
 * file; 0 if there are none, or it is not a JPEG file. */
size_t jpeg_find_start(const uint8_t *data, size_t size);

/* With skip_ends, doubtful ends count as strays. */
void jpeg_outline_read(const uint8_t *data, size_t size, bool skip_ends,
                       struct jpeg_outline *ret_outline);

/* Neutralizes the strays in `data` and writes the height into the frame header. */
void jpeg_outline_mend(uint8_t *data, size_t size, bool skip_ends);
