/* SPDX-License-Identifier: MIT */
/* Files that an old libheif refuses though their picture is sound, made readable in a copy.
 *
 * libheif 1.15 looks at every item of a file before it decodes one, and refuses all of it for one
 * that it does not understand: the gain map of an iPhone with iOS 18 that belongs to two pictures,
 * metadata of a tone map, a brand it does not know, a meta box whose size is left open. In the
 * copy, everything that the main picture does not need is made unknown, byte by byte: nothing
 * moves, so that all offsets stay true. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A copy for libheif; NULL when the file is not understood. The caller frees it. It shows what the
 * file shows, and every item that the main picture is made of can be had by its id. */
uint8_t *heif_mend(const uint8_t *data, size_t size);
