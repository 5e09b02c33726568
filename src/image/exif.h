/* SPDX-License-Identifier: MIT */
/* The facts that search needs from EXIF, read by a bounded parser of our own: JPEG, PNG, WebP,
 * HEIF and TIFF all contain the same structure (image/tiff_tags.h).
 *
 *     struct exif exif = {0};
 *     exif_add(block, size, &exif);     a further block fills the fields that the first ones lack
 *
 * Every offset is checked against the block; at most three directories are read (the first, Exif,
 * GPS), so there are no loops. A tag is valid in either of the first two, and if it occurs twice,
 * its first possible value is used. Impossible values (the 31st of February, latitude 95, a zero
 * denominator) are treated as absent, not as errors: a photo with broken EXIF is still a photo. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/photo.h"

/* The sources of a date, the most trusted first. */
enum exif_source {
    EXIF_SOURCE_NONE,
    EXIF_SOURCE_ORIGINAL,  /* when the photo was taken */
    EXIF_SOURCE_DIGITIZED, /* when it was scanned, or stored */
    EXIF_SOURCE_CREATED,   /* a PNG's "Creation Time" */
    EXIF_SOURCE_GPS,       /* satellite time, UTC */
    EXIF_SOURCE_EDITED,    /* the last change: the best guess if no other date is known */
};

struct exif {
    int orientation;          /* 1 to 8; 0 if absent or impossible */
    enum exif_source source;  /* of facts.taken */
    bool dated_elsewhere;     /* XMP or IPTC, which are not parsed, contain the date it was taken */
    struct photo_facts facts; /* the facts from Exif; never format, width, height, damage */
};

/* Adds facts that `exif` lacks, and a date that is better than its own. `data` starts with "II" or
 * "MM" (the TIFF header), or with "Exif\0\0" and at most four bytes before it; anything else is
 * ignored. Blocks from other containers may be cut to LIMIT_EXIF_BYTES; a whole TIFF file may be
 * passed unchanged. */
void exif_add(const uint8_t *data, size_t size, struct exif *exif);

/* Notes whether an XMP packet or a block of IPTC records says when the photo was taken. In that
 * case the date of the last edit is a different one, and is worse than none (exif_forget_edit). */
void exif_note_other(const uint8_t *data, size_t size, struct exif *exif);
void exif_forget_edit(struct exif *exif);

/* Adds a date in any spelling (image/exif_date.h) from the given source. */
void exif_add_date(const char *text, enum exif_source source, struct exif *exif);
