/* SPDX-License-Identifier: MIT */
/* The vision tower: pixels to vectors. A ViT as CLIP has it.
 *
 *     tokens = class token, then the product of each patch_px square of pixels with `patch`
 *     x = pre-norm(tokens + positions); encoder; vector = post-norm(class token) projection
 *
 * Source: Dosovitskiy et al. 2020, arXiv 2010.11929; the norms as in OpenAI's CLIP. */
#pragma once

#include "clip/weights.h"
#include "nn/linear.h"

struct vision;

/* Converts and packs the weights, which are read only during the call. */
int vision_new(struct matmul_engine *engine, const struct clip_config *config,
               const struct clip_weights *weights, enum value_type type, struct vision **ret_vision,
               struct error *err) MUST_CHECK;
void vision_free(struct vision *vision); /* NULL is fine */

/* pixels [n][3][image_px][image_px] -> ret_vectors [n][dim] of unit length. */
int vision_embed(struct vision *vision, const float *pixels, size_t n, float *ret_vectors,
                 struct error *err) MUST_CHECK;
