/* SPDX-License-Identifier: MIT */
/* preprocessor_config.json: what transformers' CLIPImageProcessor does to a picture. */
#pragma once

#include "clip/config_parse.h"

/* Fills mean and deviation of `config`, whose image_px is known. `preprocessor` may be NULL:
 * CLIP's own. ERR_UNSUPPORTED unless it says: short edge to image_px, bicubic, centre crop. */
int config_read_hf_pixels(const json_t *preprocessor, const char *where, struct clip_config *config,
                          struct error *err) MUST_CHECK;
