/* SPDX-License-Identifier: MIT */
/* How each layout names and stores the roles of weights.h; used by weights*.c alone. */
#pragma once

#include "clip/weights.h"

/* Fills the roles of `weights` from weights->file; the layer arrays are already allocated. */
int clip_weights_map_hf(struct clip_weights *weights, const struct clip_config *config,
                        struct error *err) MUST_CHECK;
int clip_weights_map_openclip(struct clip_weights *weights, const struct clip_config *config,
                              struct error *err) MUST_CHECK;

/* Helpers of both layouts. A name is PREFIX followed by a suffix without separator. */

/* "PREFIXNAME" with a rank of one, two or four. */
int weights_vector(const struct safetensors *file, const char *prefix, const char *name,
                   size_t length, struct tensor *ret_tensor, struct error *err) MUST_CHECK;
int weights_matrix(const struct safetensors *file, const char *prefix, const char *name,
                   size_t rows, size_t columns, struct tensor *ret_tensor,
                   struct error *err) MUST_CHECK;

/* "PREFIXNAME.weight" and "PREFIXNAME.bias" [width]. */
int weights_norm(const struct safetensors *file, const char *prefix, const char *name, size_t width,
                 struct norm_weights *ret_norm, struct error *err) MUST_CHECK;
/* "PREFIXNAME.weight" [out][in] and "PREFIXNAME.bias" [out]. */
int weights_linear(const struct safetensors *file, const char *prefix, const char *name, size_t out,
                   size_t in, struct linear_weights *ret_linear, struct error *err) MUST_CHECK;
/* "PREFIXNAME" [in][out] when transposed, else [out][in]; no bias. */
int weights_projection(const struct safetensors *file, const char *prefix, const char *name,
                       size_t out, size_t in, bool transposed, struct linear_weights *ret_linear,
                       struct error *err) MUST_CHECK;
/* The patch embedding: a convolution's [width][3][px][px] as one row of weights per output. */
int weights_patch(const struct safetensors *file, const char *name,
                  const struct clip_config *config, struct linear_weights *ret_linear,
                  struct error *err) MUST_CHECK;
