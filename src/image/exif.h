/* The few facts that search needs from EXIF, by a bounded reader of its own: JPEG, PNG, WebP, HEIF
 * and TIFF all carry the same structure (a TIFF header, directories of tagged values; Exif 2.32).
 *
 * Every offset is checked against the block; three directories at most are looked at (the first,
 * Exif, GPS), so nothing loops. Values that cannot be true (the 31st of February, latitude 95,
 * a zero denominator) are absent, not errors: a photo with broken EXIF is still a photo. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct exif {
    int orientation; /* 1 to 8; 1 when absent or impossible */
    char taken[32];  /* "2019-07-04T18:30:00" or "2019-07-04T18:30:00+02:00"; or "" */
    bool has_place;
    double latitude, longitude;         /* degrees, north and east positive */
    char make[64], model[64], lens[96]; /* valid UTF-8 without control characters; or "" */
};

/* `data` starts with "II" or "MM" (the TIFF header) or with "Exif\0\0" before it. Bytes that are
 * neither give an empty answer. Blocks from foreign containers may be cut to LIMIT_EXIF_BYTES; a
 * whole TIFF file may be given as it is. */
void exif_read(const uint8_t *data, size_t size, struct exif *ret_exif);
