/* SPDX-License-Identifier: MIT */
/* Encodes upright RGB pixels as a picture file without metadata: for sending, for thumbnails, for
 * previews. */
#pragma once

#include "image/image.h"

/* quality is from 1 to 100, with 4:4:4 from 90 on, else 4:2:0. The file has only picture data: no
 * EXIF, no comment, no profile. The same pixels give the same bytes. The caller releases ret_data
 * with free(). ERR_NO_MEMORY, ERR_LIMIT (a side above 65,500). */
int image_encode_jpeg(const struct image *image, int quality, uint8_t **ret_data, size_t *ret_size,
                      struct error *err) MUST_CHECK;

/* Lossless, 8-bit RGB; only picture data. The caller releases ret_data with free(). ERR_NO_MEMORY,
 * ERR_LIMIT. */
int image_encode_png(const struct image *image, uint8_t **ret_data, size_t *ret_size,
                     struct error *err) MUST_CHECK;

/* Copies the part [left, left+width) x [top, top+height), which must lie inside. ERR_INVALID. */
int image_crop(const struct image *image, int left, int top, int width, int height,
               struct image **ret_image, struct error *err) MUST_CHECK;

/* Computes the largest size of the same shape that a vision model takes without scaling, by the
 * rule on Anthropic's vision page: when padded on the right and at the bottom to whole patches of
 * 28 px, both sides are at most edge_px and the patches at most max_tokens (one token each). The
 * long side is decremented, and the short one follows, rounded with halves to even. 1920 x 1080
 * with 1568, 1568 gives 1456 x 819. With max_tokens 0 there are no patches: both sides are just at
 * most edge_px. The result is never larger than the picture; each side is at least 1. */
void image_fit(int width, int height, int edge_px, int max_tokens, int *ret_width, int *ret_height);
