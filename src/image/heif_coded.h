/* SPDX-License-Identifier: MIT */
/* The true sizes of the coded pictures in a HEIF file, and the number of pictures to decode.
 *
 * A HEIF file states its size beside the picture (ispe), and the AV1 or HEVC stream states it
 * again; libheif checks only the first, and a stream of 2 KB can make its codec fill gigabytes.
 * This module reads the second: the sequence headers in the first extent of each item, and in the
 * decoder configurations (ISO 14496-12, 8.11; AV1 specification, 5.5; ITU-T H.265, 7.3.2.2). */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Pixels of the largest coded picture that a header in the file announces; 0 if none was found or
 * understood, which is not an error: the codec will report one. UINT64_MAX if the file contains
 * more units than any photo. */
uint64_t heif_coded_pixels(const uint8_t *data, size_t size);

/* The total number of pixels of the coded pictures from which the derived ones of the file (grids,
 * overlays) are composed, counted as often as they are used; 0 if there are none. libheif decodes
 * an overlay of 65,535 copies of one picture without a check. UINT64_MAX in the case above, if an
 * item is derived from itself, and for more than LIMIT_HEIF_DERIVED_ITEMS. (ISO 14496-12, 8.11.12)
 */
uint64_t heif_derived_pixels(const uint8_t *data, size_t size);
