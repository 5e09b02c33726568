/* SPDX-License-Identifier: MIT */
/* The few facts that search needs from EXIF, by a bounded reader of its own: JPEG, PNG, WebP, HEIF
 * and TIFF all carry the same structure (image/tiff_tags.h).
 *
 *     struct exif exif = {0};
 *     exif_add(block, size, &exif);     a further block fills what the first ones left open
 *
 * Every offset is checked against the block; three directories at most are looked at (the first,
 * Exif, GPS), so nothing loops. A tag counts in whichever of the first two it stands, and where it
 * stands twice, its first value that can be. Values that cannot be true (the 31st of February,
 * latitude 95, a zero denominator) are absent, not errors: a photo with broken EXIF is still a
 * photo. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/photo.h"

/* Where a date comes from, the most trusted first. */
enum exif_source {
    EXIF_SOURCE_NONE,
    EXIF_SOURCE_ORIGINAL,  /* when the shutter went */
    EXIF_SOURCE_DIGITIZED, /* when it was scanned, or stored */
    EXIF_SOURCE_CREATED,   /* a PNG's "Creation Time" */
    EXIF_SOURCE_GPS,       /* of the satellites, UTC */
    EXIF_SOURCE_EDITED,    /* of the last change: when nothing else is known, the best guess */
};

struct exif {
    int orientation;          /* 1 to 8; 0 when absent or impossible */
    enum exif_source source;  /* of facts.taken */
    bool dated_elsewhere;     /* XMP or IPTC, which are not read, say when it was taken */
    struct photo_facts facts; /* of these, what Exif says; never format, width, height, damage */
};

/* Fills what `exif` does not know yet, and a date that is better than its own. `data` starts with
 * "II" or "MM" (the TIFF header), or with "Exif\0\0" and at most four bytes before it. Bytes that
 * are neither change nothing. Blocks from foreign containers may be cut to LIMIT_EXIF_BYTES; a
 * whole TIFF file may be given as it is. */
void exif_add(const uint8_t *data, size_t size, struct exif *exif);

/* An XMP packet or a block of IPTC records: notes whether it says when the photo was taken. Then
 * the date of the last edit is surely another, and is worse than none (exif_forget_edit). */
void exif_note_other(const uint8_t *data, size_t size, struct exif *exif);
void exif_forget_edit(struct exif *exif);

/* A date in any spelling (image/exif_date.h), from where `source` says. */
void exif_add_date(const char *text, enum exif_source source, struct exif *exif);
