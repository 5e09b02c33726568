/* SPDX-License-Identifier: MIT */
/* What a model folder's JSON says: the shape of both towers and the preprocessing.
 *
 * Two layouts are read: Hugging Face CLIPModel (config.json, preprocessor_config.json) and OpenCLIP
 * (open_clip_config.json). Values are checked against base/limits.h and each other before use. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

enum clip_layout { CLIP_LAYOUT_HF, CLIP_LAYOUT_OPENCLIP };

enum clip_activation {
    CLIP_QUICK_GELU, /* x * sigmoid(1.702 x): OpenAI's weights */
    CLIP_GELU,       /* x * (1 + erf(x / sqrt 2)) / 2: LAION's and most later ones */
};

struct tower_config {
    int width; /* of a token */
    int layers;
    int heads;     /* width is a multiple of it */
    int mlp_width; /* of the hidden layer */
    enum clip_activation activation;
    float epsilon; /* of layer norms */
};

struct clip_config {
    enum clip_layout layout;
    int dim; /* of the shared space */
    struct tower_config vision;
    int image_px, patch_px; /* image_px is a multiple of patch_px */
    struct tower_config text;
    int context, vocab_size;     /* tokens of a text at most; ids are below vocab_size */
    float mean[3], deviation[3]; /* of pixels in 0..1, R G B */
    bool reads_all_scripts;      /* texts it learned were in others than Latin, too */
};

/* ERR_NOT_FOUND: neither config file is there; ERR_CORRUPT; ERR_LIMIT; ERR_UNSUPPORTED: another
 * architecture (ResNet or timm vision, a Hugging Face text model, SigLIP, another resize rule than
 * short edge with bicubic, ...), named. */
int clip_config_read(const char *folder, struct clip_config *ret_config,
                     struct error *err) MUST_CHECK;
