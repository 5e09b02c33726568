/* SPDX-License-Identifier: MIT */
/* Decodes the main picture of an opened HEIF file in the way that needs the least memory: tile by
 * tile if it is a grid, plane by plane otherwise. */
#pragma once

#include <libheif/heif.h>

#include "image/decode.h"
#include "image/heif_plan.h"

/* Sets the image, its colour, width, height and the orientation that is not yet applied. */
int heif_picture_decode(struct heif_context *context, const struct heif_image_handle *handle,
                        const struct heif_plan *plan, int short_edge_px, struct decoded *ret,
                        struct error *err) MUST_CHECK;

/* Whether heif_picture_decode can decode the picture: it has no alpha, and the plan contains every
 * operation on it. */
bool heif_picture_is_simple(struct heif_context *context, const struct heif_image_handle *handle,
                            const struct heif_plan *plan);

/* Decodes every other picture as a whole by libheif. */
int heif_picture_decode_whole(const struct heif_image_handle *handle, struct decoded *ret,
                              struct error *err) MUST_CHECK;
