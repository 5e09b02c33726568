/* SPDX-License-Identifier: MIT */
/* The main picture of a HEIF file that libheif has opened, decoded in the way that takes the least
 * memory: tile by tile where it is a grid, plane by plane else. */
#pragma once

#include <libheif/heif.h>

#include "image/decode.h"
#include "image/heif_plan.h"

/* Fills in the image, its colour, width, height and what is still to be turned. */
int heif_picture_decode(struct heif_context *context, const struct heif_image_handle *handle,
                        const struct heif_plan *plan, int short_edge_px, struct decoded *ret,
                        struct error *err) MUST_CHECK;

/* Whether heif_picture_decode can: no alpha, and nothing is done that the plan does not know. */
bool heif_picture_is_simple(struct heif_context *context, const struct heif_image_handle *handle,
                            const struct heif_plan *plan);

/* As libheif does it, for every other picture. */
int heif_picture_decode_whole(const struct heif_image_handle *handle, struct decoded *ret,
                              struct error *err) MUST_CHECK;
