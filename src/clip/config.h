/* SPDX-License-Identifier: MIT */
/* The configuration of a model folder: the shape of both towers, and the preprocessing.
 *
 * Two layouts are read: Hugging Face CLIPModel (config.json, preprocessor_config.json) and OpenCLIP
 * (open_clip_config.json). Values are checked against base/limits.h and each other before use. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "nn/layers.h"

enum clip_layout { CLIP_LAYOUT_HF, CLIP_LAYOUT_OPENCLIP };

struct clip_config {
    enum clip_layout layout;
    int dim; /* of the shared space */
    struct tower_config vision;
    int image_px, patch_px; /* image_px is a multiple of patch_px */
    struct tower_config text;
    int context, vocab_size;     /* the most tokens of a text; ids are below vocab_size */
    float mean[3], deviation[3]; /* of pixels in 0..1, R G B */
    bool reads_all_scripts;      /* it was also trained on texts in other scripts than Latin */
};

/* ERR_NOT_FOUND: neither config file is there; ERR_CORRUPT; ERR_LIMIT; ERR_UNSUPPORTED: another
 * architecture (ResNet or timm vision, a Hugging Face text model, SigLIP, another resize rule than
 * short edge with bicubic, ...), named. */
int clip_config_read(const char *folder, struct clip_config *ret_config,
                     struct error *err) MUST_CHECK;
