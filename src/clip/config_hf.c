/* SPDX-License-Identifier: MIT */
/* Reads Hugging Face's config.json: transformers' CLIPConfig, CLIPTextConfig, CLIPVisionConfig. */
#include "clip/config_parse.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "clip/config_hf_pixels.h"

/* Defaults in which CLIPTextConfig and CLIPVisionConfig differ. */
struct tower_defaults {
    const char *key;
    int width, mlp_width, heads;
};

static const struct tower_defaults text_defaults = {"text_config", 512, 2048, 8};
static const struct tower_defaults vision_defaults = {"vision_config", 768, 3072, 12};

static bool names_clip_model(const json_t *config)
{
    const json_t *list = json_object_get(config, "architectures");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        if (name && strcmp(name, "CLIPModel") == 0)
            return true;
    }
    return false;
}

static int check_type(const json_t *config, const char *where, struct error *err)
{
    const char *type;
    if (!json_is_object(config))
        return error_set(err, ERR_CORRUPT, "%s is not a JSON object", where);
    int rc = config_string(config, "model_type", NULL, where, &type, err);
    if (rc)
        return rc;
    if (type ? strcmp(type, "clip") == 0 : names_clip_model(config))
        return 0;
    if (!type)
        return error_set(err, ERR_UNSUPPORTED,
                         "%s does not describe a CLIP model: it has no "
                         "model_type",
                         where);
    AUTO_FREE char *shown = text_printable(type, strnlen(type, 64));
    return error_set(
        err, ERR_UNSUPPORTED,
        "%s describes a model of type \"%s\"; only \"clip\", with both towers, is supported", where,
        shown);
}

static int read_activation(const json_t *tower, const char *where, enum activation *ret_value,
                           struct error *err)
{
    const char *name;
    int rc = config_string(tower, "hidden_act", "quick_gelu", where, &name, err);
    if (rc)
        return rc;
    if (strcmp(name, "quick_gelu") == 0)
        *ret_value = ACTIVATION_QUICK_GELU;
    else if (strcmp(name, "gelu") == 0)
        *ret_value = ACTIVATION_GELU;
    else {
        AUTO_FREE char *shown = text_printable(name, strnlen(name, 64));
        return error_set(err, ERR_UNSUPPORTED,
                         "%s: the activation \"%s\" is not supported (quick_gelu and gelu are)",
                         where, shown);
    }
    return 0;
}

static int read_tower(const json_t *tower, const struct tower_defaults *defaults, const char *where,
                      struct tower_config *ret_tower, struct error *err)
{
    double epsilon;
    int rc = config_int(tower, "hidden_size", defaults->width, 1, LIMIT_MODEL_WIDTH, where,
                        &ret_tower->width, err);
    if (!rc)
        rc = config_int(tower, "intermediate_size", defaults->mlp_width, 1, 4 * LIMIT_MODEL_WIDTH,
                        where, &ret_tower->mlp_width, err);
    if (!rc)
        rc = config_int(tower, "num_hidden_layers", 12, 1, LIMIT_MODEL_LAYERS, where,
                        &ret_tower->layers, err);
    if (!rc)
        rc = config_int(tower, "num_attention_heads", defaults->heads, 1, LIMIT_MODEL_WIDTH, where,
                        &ret_tower->heads, err);
    if (!rc)
        rc = config_number(tower, "layer_norm_eps", CLIP_CONFIG_EPSILON, 1e-12, 0.1, where,
                           &epsilon, err);
    if (!rc)
        rc = read_activation(tower, where, &ret_tower->activation, err);
    if (!rc)
        ret_tower->epsilon = (float)epsilon;
    return rc;
}

/* *ret_tower is NULL when the file has only defaults. */
static int find_tower(const json_t *config, const char *key, const char *where,
                      const json_t **ret_tower, struct error *err)
{
    AUTO_FREE char *older_key = xasprintf("%s_dict", key);
    const json_t *older;
    int rc = config_object(config, older_key, where, &older, err);
    if (!rc && !older)
        rc = config_object(config, key, where, &older, err);
    if (!rc)
        *ret_tower = older;
    return rc;
}

static int read_text(const json_t *config, const char *where, struct clip_config *ret_config,
                     struct error *err)
{
    AUTO_FREE char *inside = xasprintf("%s: %s", where, text_defaults.key);
    const json_t *tower;
    int rc = find_tower(config, text_defaults.key, where, &tower, err);
    if (!rc)
        rc = read_tower(tower, &text_defaults, inside, &ret_config->text, err);
    if (!rc)
        rc = config_int(tower, "max_position_embeddings", 77, 3, LIMIT_MODEL_TOKENS, inside,
                        &ret_config->context, err);
    if (!rc)
        rc = config_int(tower, "vocab_size", 49408, 1, LIMIT_VOCAB_TOKENS, inside,
                        &ret_config->vocab_size, err);
    return rc;
}

static int read_vision(const json_t *config, const char *where, struct clip_config *ret_config,
                       struct error *err)
{
    AUTO_FREE char *inside = xasprintf("%s: %s", where, vision_defaults.key);
    const json_t *tower;
    int channels;
    int rc = find_tower(config, vision_defaults.key, where, &tower, err);
    if (!rc)
        rc = read_tower(tower, &vision_defaults, inside, &ret_config->vision, err);
    if (!rc)
        rc = config_int(tower, "image_size", 224, 1, CLIP_CONFIG_MAX_IMAGE_PX, inside,
                        &ret_config->image_px, err);
    if (!rc)
        rc = config_int(tower, "patch_size", 32, 1, CLIP_CONFIG_MAX_IMAGE_PX, inside,
                        &ret_config->patch_px, err);
    if (!rc)
        rc = config_int(tower, "num_channels", 3, 1, 1024, inside, &channels, err);
    if (!rc && channels != 3)
        rc = error_set(err, ERR_UNSUPPORTED, "%s: pictures of %d channels are not supported",
                       inside, channels);
    return rc;
}

int clip_config_parse_hf(const json_t *config, const json_t *preprocessor, const char *where,
                         struct clip_config *ret_config, struct error *err)
{
    struct clip_config read = {.layout = CLIP_LAYOUT_HF};
    int rc = check_type(config, where, err);
    if (!rc)
        rc = config_int(config, "projection_dim", 512, 1, LIMIT_MODEL_WIDTH, where, &read.dim, err);
    if (!rc)
        rc = read_text(config, where, &read, err);
    if (!rc)
        rc = read_vision(config, where, &read, err);
    if (!rc)
        rc = config_check(&read, where, err);
    if (!rc)
        rc = config_read_hf_pixels(preprocessor, where, &read, err);
    if (!rc)
        *ret_config = read;
    return rc;
}
