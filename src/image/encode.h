/* SPDX-License-Identifier: MIT */
/* Upright RGB pixels as a picture file without metadata: for sending, for thumbnails, for
 * previews. */
#pragma once

#include "image/image.h"

/* quality 1 to 100, 4:4:4 from 90 on, else 4:2:0. Only picture data: no EXIF, no comment, no
 * profile. The same pixels give the same bytes. ret_data is the caller's, released with free().
 * ERR_NO_MEMORY, ERR_LIMIT (a side above 65,500). */
int image_encode_jpeg(const struct image *image, int quality, uint8_t **ret_data, size_t *ret_size,
                      struct error *err) MUST_CHECK;

/* Lossless, 8-bit RGB; only picture data. ret_data is the caller's, released with free().
 * ERR_NO_MEMORY, ERR_LIMIT. */
int image_encode_png(const struct image *image, uint8_t **ret_data, size_t *ret_size,
                     struct error *err) MUST_CHECK;

/* The part [left, left+width) x [top, top+height), which must lie inside. ERR_INVALID. */
int image_crop(const struct image *image, int left, int top, int width, int height,
               struct image **ret_image, struct error *err) MUST_CHECK;

/* The largest size of the same shape that a vision model takes without scaling, by the rule that
 * Anthropic's vision page gives: padded on the right and at the bottom to whole patches of 28 px,
 * both sides are at most edge_px and the patches at most max_tokens (a token each); the long side
 * counts down, the short one follows, rounded with halves to even. 1920 x 1080 with 1568, 1568
 * gives 1456 x 819. max_tokens 0: no patches, both sides are just at most edge_px. Never larger
 * than the picture; each side at least 1. */
void image_fit(int width, int height, int edge_px, int max_tokens, int *ret_width, int *ret_height);
