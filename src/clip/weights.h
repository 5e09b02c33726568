/* SPDX-License-Identifier: MIT */
/* The weights of both towers by role, for either layout. Every tensor was checked against the
 * shapes of the config. Views point into the mapped file. */
#pragma once

#include <stdint.h>

#include "base/memory.h"
#include "clip/config.h"
#include "nn/layers.h"
#include "nn/safetensors.h"

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

/* The path of the weights file in the folder; the caller frees. */
char *clip_weights_path(const char *folder, const struct clip_config *config);

/* Maps model.safetensors or open_clip_model.safetensors of the folder, as config->layout says. */
int clip_weights_open(const char *folder, const struct clip_config *config,
                      struct clip_weights **ret_weights, struct error *err) MUST_CHECK;
void clip_weights_close(struct clip_weights *weights); /* NULL is fine */
DEFINE_AUTO(clip_weights, clip_weights_close)
