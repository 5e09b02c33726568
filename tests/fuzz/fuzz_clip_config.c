/* SPDX-License-Identifier: MIT */
/* A model's JSON in either layout: what is accepted is within the limits the towers rely on. The
 * first byte chooses: 0 Hugging Face's config.json, 1 its preprocessor_config.json, 2 OpenCLIP. */
#include <stdint.h>

#include "base/limits.h"
#include "clip/config_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        __builtin_trap();
}

static void check_tower(const struct tower_config *t)
{
    check(t->width > 0 && t->width <= LIMIT_MODEL_WIDTH);
    check(t->layers > 0 && t->layers <= LIMIT_MODEL_LAYERS);
    check(t->heads > 0 && t->width % t->heads == 0);
    check(t->mlp_width > 0 && t->mlp_width <= 4 * LIMIT_MODEL_WIDTH);
    check(t->epsilon > 0 && t->epsilon <= 0.1f);
}

static void check_config(const struct clip_config *c)
{
    check_tower(&c->vision);
    check_tower(&c->text);
    check(c->dim > 0 && c->dim <= LIMIT_MODEL_WIDTH);
    check(c->patch_px > 0 && c->image_px > 0 && c->image_px % c->patch_px == 0);
    int grid = c->image_px / c->patch_px;
    check(grid * grid + 1 <= LIMIT_MODEL_TOKENS);
    check(c->context > 0 && c->context <= LIMIT_MODEL_TOKENS);
    check(c->vocab_size > 0 && c->vocab_size <= LIMIT_VOCAB_TOKENS);
    for (int i = 0; i < 3; i++)
        check(c->mean[i] >= 0 && c->mean[i] <= 1 && c->deviation[i] > 0 && c->deviation[i] <= 10);
}

static int parse(int layout, const json_t *root, struct clip_config *ret_config, struct error *err)
{
    if (layout == 2)
        return clip_config_parse_openclip(root, "input", ret_config, err);
    if (layout == 0)
        return clip_config_parse_hf(root, NULL, "input", ret_config, err);
    AUTO_JSON *config = json_pack("{s:s}", "model_type", "clip");
    return clip_config_parse_hf(config, root, "input", ret_config, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    struct clip_config config;
    AUTO_JSON *root = NULL;
    if (size == 0 || json_read_bytes(data + 1, size - 1, "input", &root, &err))
        return 0;
    if (parse(data[0] % 3, root, &config, &err) == 0)
        check_config(&config);
    else
        check(err.code < 0 && err.message[0] != '\0');
    return 0;
}
