/* SPDX-License-Identifier: MIT */
/* The parts of config.h that need no file access: JSON values in, a checked struct out. Used by
 * config.c, tests and fuzzing. `where` names the source in errors. */
#pragma once

#include "base/json.h"
#include "clip/config.h"

/* Hugging Face: config.json and preprocessor_config.json (NULL when there is none: CLIP's own
 * preprocessing). A value missing in config.json has the default of transformers' CLIPConfig;
 * "text_config_dict", where a file still has it, replaces "text_config". */
int clip_config_parse_hf(const json_t *config, const json_t *preprocessor, const char *where,
                         struct clip_config *ret_config, struct error *err) MUST_CHECK;

/* OpenCLIP: open_clip_config.json. Every option in it is either supported or refused by name. */
int clip_config_parse_openclip(const json_t *root, const char *where,
                               struct clip_config *ret_config, struct error *err) MUST_CHECK;

/* Helpers of both layouts. */

#define CLIP_CONFIG_EPSILON 1e-5 /* the default of both libraries */

/* The range of an edge in pixels. */
enum { CLIP_CONFIG_MAX_IMAGE_PX = 4096 };

/* Mean and deviation of OpenAI's training pictures: the default of both libraries. */
void config_set_openai_pixels(struct clip_config *config);

/* Values that have a default (null counts as absent). */
int config_int(const json_t *object, const char *key, int fallback, int min, int max,
               const char *where, int *ret_value, struct error *err) MUST_CHECK;
int config_number(const json_t *object, const char *key, double fallback, double min, double max,
                  const char *where, double *ret_value, struct error *err) MUST_CHECK;
int config_string(const json_t *object, const char *key, const char *fallback, const char *where,
                  const char **ret_text, struct error *err) MUST_CHECK;
/* *ret_object is NULL when absent; ERR_CORRUPT when it is something else. */
int config_object(const json_t *object, const char *key, const char *where,
                  const json_t **ret_object, struct error *err) MUST_CHECK;
/* Mean and deviation, from 0..1 pixels, under the two keys. */
int config_pixels(const json_t *object, const char *mean_key, const char *deviation_key,
                  const char *where, struct clip_config *config, struct error *err) MUST_CHECK;

/* Checks values against each other. */
int config_check(const struct clip_config *config, const char *where, struct error *err) MUST_CHECK;
