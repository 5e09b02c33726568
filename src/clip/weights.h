/* SPDX-License-Identifier: MIT */
/* The weights of both towers by role, whichever layout they are stored in.
 *
 * Every tensor was checked against the config's shapes. Views point into the mapped file. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"
#include "clip/config.h"
#include "clip/safetensors.h"

/* y = x W^T + b. weight [out][in], or [in][out] when transposed (OpenCLIP's projections). */
struct linear_weights {
    struct tensor weight, bias; /* bias.count == 0: none */
    size_t out, in;
    bool transposed;
};

struct norm_weights {
    struct tensor gain, bias; /* [width] */
};

struct layer_weights {
    struct norm_weights norm1, norm2;
    struct linear_weights q, k,
        v; /* [width][width]; parts of one stacked tensor in OpenCLIP's layout */
    struct linear_weights out; /* [width][width] */
    struct linear_weights fc1; /* [mlp_width][width] */
    struct linear_weights fc2; /* [width][mlp_width] */
};

struct clip_weights {
    struct safetensors *file;

    struct linear_weights
        patch; /* [width][3 * patch_px * patch_px], no bias; in order channel, y, x */
    struct tensor class_token;     /* [width] */
    struct tensor vision_position; /* [(image_px / patch_px)^2 + 1][width] */
    struct norm_weights vision_pre, vision_post;
    struct layer_weights *vision_layers;
    struct linear_weights vision_projection; /* [dim][width], no bias */

    struct tensor token;         /* [vocab_size][width] */
    struct tensor text_position; /* [context][width] */
    struct layer_weights *text_layers;
    struct norm_weights text_final;
    struct linear_weights text_projection; /* [dim][width], no bias */
};

/* Maps model.safetensors or open_clip_model.safetensors of the folder, as config->layout says. */
int clip_weights_open(const char *folder, const struct clip_config *config,
                      struct clip_weights **ret_weights, struct error *err) MUST_CHECK;
void clip_weights_close(struct clip_weights *weights); /* NULL is fine */
DEFINE_AUTO(clip_weights, clip_weights_close)
