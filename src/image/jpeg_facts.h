/* SPDX-License-Identifier: MIT */
/* The facts in a JPEG file besides its pixels. */
#pragma once

#include "metadata/metadata.h"

/* Adds all blocks of Exif, XMP and IPTC before the picture's data, the first one first: an empty or
 * damaged block does not hide a valid one after it. */
void jpeg_facts_add(const uint8_t *data, size_t size, struct metadata *metadata);
