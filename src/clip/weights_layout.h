/* SPDX-License-Identifier: MIT */
/* How each layout names and stores the roles of weights.h; used by weights*.c alone. */
#pragma once

#include "clip/weights.h"

struct weights_layout {
    const char *file;            /* where a model has its weights */
    const char *pickle, *shards; /* and how to recognise one that is stored in another form */
    const char *patch, *class_token, *vision_position, *vision_pre, *vision_post,
        *vision_projection;
    const char *token, *text_position, *text_final, *text_projection;
    bool transposed;                         /* the projections are stored as [in][out] */
    const char *vision_layers, *text_layers; /* a layer's names begin so, with its number and '.' */
    const char *norm1, *out, *norm2, *fc1, *fc2; /* within a layer */
    const char *query, *key, *value;
    const char *stacked; /* these three are one matrix (torch.nn.MultiheadAttention); NULL: three */
};

extern const struct weights_layout weights_layouts[]; /* by enum clip_layout */

/* Fills the roles of `weights` from weights->file; the layer arrays are already allocated. */
int weights_map(struct clip_weights *weights, const struct clip_config *config,
                struct error *err) MUST_CHECK;

/* Single tensors. A name is PREFIX followed by a suffix without separator. */

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
