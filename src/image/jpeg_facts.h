/* SPDX-License-Identifier: MIT */
/* What a JPEG file says about itself besides its pixels. */
#pragma once

#include "image/exif.h"

/* All Exif blocks before the picture's data, the first one first: an empty or damaged one does not
 * hide a good one behind it. */
void jpeg_facts_add(const uint8_t *data, size_t size, struct exif *exif);
