/* SPDX-License-Identifier: MIT */
/* How large the coded pictures inside a HEIF file really are, and how many there are to decode.
 *
 * A HEIF file states its size beside the picture (ispe), and the AV1 or HEVC stream states it
 * again; libheif checks only the first, and a stream of 2 KB can make its codec fill gigabytes.
 * This reads the second: the sequence headers of the first extent of each item, and of the decoder
 * configurations (ISO 14496-12, 8.11; AV1 specification, 5.5; ITU-T H.265, 7.3.2.2). */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Pixels of the largest coded picture that a header in the file announces; 0 when none was found or
 * understood, which is not an error: the codec will say what it thinks. UINT64_MAX when the file
 * holds more units than any photo. */
uint64_t heif_coded_pixels(const uint8_t *data, size_t size);

/* The sum of the pixels of all coded pictures that the derived ones of the file (grids, overlays)
 * are made of, each as often as it is used; 0 when there are none. libheif decodes an overlay of
 * 65,535 times the same picture as it comes. UINT64_MAX as above, when an item is derived from
 * itself, and for more than LIMIT_HEIF_DERIVED_ITEMS. (ISO 14496-12, 8.11.12) */
uint64_t heif_derived_pixels(const uint8_t *data, size_t size);
