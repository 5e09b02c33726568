/* SPDX-License-Identifier: MIT */
/* Repairs, in a copy, files that an old libheif refuses although their picture is valid.
 *
 * libheif 1.15 parses every item of a file before it decodes one, and refuses the whole file for a
 * single item that it does not understand: the gain map of an iPhone with iOS 18 that belongs to
 * two pictures, metadata of a tone map, an unknown brand, a meta box of unspecified size. In the
 * copy, everything that the main picture does not need is marked as unknown, byte by byte: nothing
 * moves, so all offsets stay valid. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns a copy for libheif; NULL if the file is not understood. The caller frees it. It displays
 * the same picture as the file, and every item that the main picture consists of is accessible by
 * its id. */
uint8_t *heif_mend(const uint8_t *data, size_t size);
