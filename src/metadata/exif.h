/* SPDX-License-Identifier: MIT */
/* Reads facts from Exif blocks by a bounded parser of our own: JPEG, PNG, WebP, HEIF and TIFF all
 * contain the same structure (metadata/tiff_tags.h).
 *
 * Every offset is checked against the block; at most three directories are read (the first, Exif,
 * GPS), so there are no loops. A tag is valid in either of the first two, and if it occurs twice,
 * its first possible value is used. Impossible values (the 31st of February, latitude 95, a zero
 * denominator) are treated as absent, not as errors: a photo with broken Exif is still a photo. */
#pragma once

#include "metadata/metadata.h"

/* Adds the facts of a block, and those of XMP and IPTC among the tags of a TIFF file. `data` starts
 * with "II" or "MM" (the TIFF header), or with "Exif\0\0" and at most four bytes before it;
 * anything else is ignored. Blocks from other containers may be cut to LIMIT_EXIF_BYTES; a whole
 * TIFF file may be passed unchanged. */
void exif_add(const uint8_t *data, size_t size, struct metadata *metadata);
