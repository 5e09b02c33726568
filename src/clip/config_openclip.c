/* SPDX-License-Identifier: MIT */
/* Reads OpenCLIP's open_clip_config.json: CLIPVisionCfg, CLIPTextCfg and PreprocessCfg of
 * open_clip. */
#include "clip/config_parse.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

/* How an option is treated. */
enum option_use {
    READ,    /* by the functions below */
    IGNORED, /* it does not affect vectors, or belongs to an option that is refused */
    PLAIN,   /* it must be absent, null, false, {} or `plain`: anything else changes the computation
              */
};

struct option {
    const char *key;
    enum option_use use;
    const char *plain; /* a string that means the same as absent */
    const char *what;  /* what another value would be, for the error */
};

static const struct option model_options[] = {
    {"embed_dim", READ, NULL, NULL},
    {"quick_gelu", READ, NULL, NULL},
    {"vision_cfg", READ, NULL, NULL},
    {"text_cfg", READ, NULL, NULL},
    {"init_logit_scale", IGNORED, NULL, NULL},
    {"init_logit_bias", IGNORED, NULL, NULL},
    {"nonscalar_logit_scale", IGNORED, NULL, NULL},
    {"multimodal_cfg", PLAIN, NULL, "a CoCa model"},
    {"custom_text", PLAIN, NULL, "a custom text tower"},
    {NULL, READ, NULL, NULL},
};

static const struct option vision_options[] = {
    {"layers", READ, NULL, NULL},
    {"width", READ, NULL, NULL},
    {"head_width", READ, NULL, NULL},
    {"mlp_ratio", READ, NULL, NULL},
    {"patch_size", READ, NULL, NULL},
    {"image_size", READ, NULL, NULL},
    {"norm_kwargs", READ, NULL, NULL},
    {"patch_dropout", IGNORED, NULL, NULL}, /* of training */
    {"n_queries", IGNORED, NULL, NULL},     /* of attentional_pool */
    {"attn_pooler_queries", IGNORED, NULL, NULL},
    {"attn_pooler_heads", IGNORED, NULL, NULL},
    {"timm_model_pretrained", IGNORED, NULL, NULL}, /* of timm_model_name */
    {"timm_pool", IGNORED, NULL, NULL},
    {"timm_proj", IGNORED, NULL, NULL},
    {"timm_proj_bias", IGNORED, NULL, NULL},
    {"timm_drop", IGNORED, NULL, NULL},
    {"timm_drop_path", IGNORED, NULL, NULL},
    {"timm_model_name", PLAIN, NULL, "a timm vision tower"},
    {"ls_init_value", PLAIN, NULL, "layer scale"},
    {"attentional_pool", PLAIN, NULL, "attentional pooling"},
    {"global_average_pool", PLAIN, NULL, "average pooling"},
    {"input_patchnorm", PLAIN, NULL, "a norm of patches"},
    {"no_ln_pre", PLAIN, NULL, "a vision tower without its first norm"},
    {"final_ln_after_pool", PLAIN, NULL, "a norm after pooling"},
    {"pos_embed_type", PLAIN, "learnable", "a computed position embedding"},
    {"pool_type", PLAIN, "tok", "pooling of other than the class token"},
    {"act_kwargs", PLAIN, NULL, "another activation"},
    {NULL, READ, NULL, NULL},
};

static const struct option text_options[] = {
    {"context_length", READ, NULL, NULL},
    {"vocab_size", READ, NULL, NULL},
    {"width", READ, NULL, NULL},
    {"heads", READ, NULL, NULL},
    {"layers", READ, NULL, NULL},
    {"mlp_ratio", READ, NULL, NULL},
    {"norm_kwargs", READ, NULL, NULL},
    {"pad_id", IGNORED, NULL, NULL},              /* of embed_cls */
    {"eos_id", IGNORED, NULL, NULL},              /* of pool_type eos */
    {"hf_model_pretrained", IGNORED, NULL, NULL}, /* of hf_model_name */
    {"hf_proj_type", IGNORED, NULL, NULL},
    {"hf_pooler_type", IGNORED, NULL, NULL},
    {"hf_model_name", PLAIN, NULL, "a Hugging Face text model"},
    {"hf_tokenizer_name", PLAIN, NULL, "another tokenizer than CLIP's"},
    {"tokenizer_kwargs", PLAIN, NULL, "another tokenizer than CLIP's"},
    {"ls_init_value", PLAIN, NULL, "layer scale"},
    {"embed_cls", PLAIN, NULL, "a class token in the text (CoCa)"},
    {"no_causal_mask", PLAIN, NULL, "a text tower without causal mask"},
    {"final_ln_after_pool", PLAIN, NULL, "a norm after pooling"},
    {"proj_bias", PLAIN, NULL, "a projection with bias"},
    {"proj_type", PLAIN, "linear", "another projection"},
    {"pool_type", PLAIN, "argmax", "pooling of other than the end-of-text token"},
    {"act_kwargs", PLAIN, NULL, "another activation"},
    {NULL, READ, NULL, NULL},
};

static const struct option preprocess_options[] = {
    {"size", READ, NULL, NULL},
    {"mean", READ, NULL, NULL},
    {"std", READ, NULL, NULL},
    {"fill_color", IGNORED, NULL, NULL}, /* of resize_mode longest */
    {"mode", PLAIN, "RGB", "a picture mode other than RGB"},
    {"interpolation", PLAIN, "bicubic", "resizing other than bicubic"},
    {"resize_mode", PLAIN, "shortest", "resizing other than by the short edge"},
    {NULL, READ, NULL, NULL},
};

static bool is_plain(const json_t *value, const char *plain)
{
    const char *text = json_string_value(value);
    return json_is_null(value) || json_is_false(value) ||
           (json_is_object(value) && json_object_size(value) == 0) ||
           (text && plain && strcmp(text, plain) == 0);
}

static int check_options(const json_t *object, const struct option *options, const char *where,
                         struct error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        const struct option *o = options;
        while (o->key && strcmp(o->key, key) != 0)
            o++;
        if ((o->key && o->use != PLAIN) || is_plain(value, o->plain))
            continue;
        AUTO_FREE char *shown = text_printable(key, strnlen(key, 64));
        if (o->key)
            return error_set(err, ERR_UNSUPPORTED, "%s: %s (\"%s\") is not supported", where,
                             o->what, shown);
        return error_set(err, ERR_UNSUPPORTED,
                         "%s: unknown option \"%s\", so its vectors would be wrong", where, shown);
    }
    return 0;
}

/* A side in pixels, written as n or [n, n]. */
static int read_side(const json_t *object, const char *key, int fallback, const char *where,
                     int *ret_px, struct error *err)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_array(value))
        return config_int(object, key, fallback, 1, CLIP_CONFIG_MAX_IMAGE_PX, where, ret_px, err);
    json_int_t height = json_integer_value(json_array_get(value, 0));
    json_int_t width = json_integer_value(json_array_get(value, 1));
    if (json_array_size(value) != 2 || height < 1 || height > CLIP_CONFIG_MAX_IMAGE_PX)
        return error_set(err, ERR_CORRUPT, "%s: \"%s\" is not a size in pixels", where, key);
    if (height != width)
        return error_set(err, ERR_UNSUPPORTED, "%s: \"%s\" is not square", where, key);
    *ret_px = (int)height;
    return 0;
}

/* The width of the hidden layer, and the epsilon of the norms. */
static int read_inner(const json_t *cfg, const char *where, struct tower_config *tower,
                      struct error *err)
{
    const json_t *norm = NULL;
    double ratio = 4, epsilon = CLIP_CONFIG_EPSILON;
    int rc = config_number(cfg, "mlp_ratio", 4, 1e-3, 16, where, &ratio, err);
    if (!rc)
        rc = config_object(cfg, "norm_kwargs", where, &norm, err);
    if (!rc && json_object_size(norm) > (json_object_get(norm, "eps") ? 1 : 0))
        rc = error_set(err, ERR_UNSUPPORTED, "%s: \"norm_kwargs\" other than eps is not supported",
                       where);
    if (!rc)
        rc = config_number(norm, "eps", CLIP_CONFIG_EPSILON, 1e-12, 0.1, where, &epsilon, err);
    if (rc)
        return rc;
    tower->mlp_width = (int)(tower->width * ratio); /* rounds down, as open_clip does */
    tower->epsilon = (float)epsilon;
    if (tower->mlp_width < 1 || tower->mlp_width > 4 * LIMIT_MODEL_WIDTH)
        return error_set(err, ERR_CORRUPT, "%s: \"mlp_ratio\" is %g", where, ratio);
    return 0;
}

static int read_vision(const json_t *cfg, const char *where, struct clip_config *config,
                       struct error *err)
{
    struct tower_config *tower = &config->vision;
    int head_width = 0;
    if (json_is_array(json_object_get(cfg, "layers")))
        return error_set(err, ERR_UNSUPPORTED,
                         "%s: a ResNet vision tower (\"layers\" is a list) is not supported",
                         where);
    int rc = check_options(cfg, vision_options, where, err);
    if (!rc)
        rc = config_int(cfg, "layers", 12, 1, LIMIT_MODEL_LAYERS, where, &tower->layers, err);
    if (!rc)
        rc = config_int(cfg, "width", 768, 1, LIMIT_MODEL_WIDTH, where, &tower->width, err);
    if (!rc)
        rc = config_int(cfg, "head_width", 64, 1, LIMIT_MODEL_WIDTH, where, &head_width, err);
    if (!rc)
        rc = read_side(cfg, "patch_size", 16, where, &config->patch_px, err);
    if (!rc)
        rc = read_side(cfg, "image_size", 224, where, &config->image_px, err);
    if (!rc)
        rc = read_inner(cfg, where, tower, err);
    if (!rc && tower->width % head_width != 0)
        rc = error_set(err, ERR_CORRUPT, "%s: the width %d cannot be split into heads of %d", where,
                       tower->width, head_width);
    if (!rc)
        tower->heads = tower->width / head_width;
    return rc;
}

static int read_text(const json_t *cfg, const char *where, struct clip_config *config,
                     struct error *err)
{
    struct tower_config *tower = &config->text;
    int rc = check_options(cfg, text_options, where, err);
    if (!rc)
        rc = config_int(cfg, "layers", 12, 1, LIMIT_MODEL_LAYERS, where, &tower->layers, err);
    if (!rc)
        rc = config_int(cfg, "width", 512, 1, LIMIT_MODEL_WIDTH, where, &tower->width, err);
    if (!rc)
        rc = config_int(cfg, "heads", 8, 1, LIMIT_MODEL_WIDTH, where, &tower->heads, err);
    if (!rc)
        rc = config_int(cfg, "context_length", 77, 3, LIMIT_MODEL_TOKENS, where, &config->context,
                        err);
    if (!rc)
        rc = config_int(cfg, "vocab_size", 49408, 1, LIMIT_VOCAB_TOKENS, where, &config->vocab_size,
                        err);
    if (!rc)
        rc = read_inner(cfg, where, tower, err);
    return rc;
}

static int read_pixels(const json_t *cfg, const char *where, struct clip_config *config,
                       struct error *err)
{
    int size = 0;
    int rc = check_options(cfg, preprocess_options, where, err);
    if (!rc)
        rc = read_side(cfg, "size", config->image_px, where, &size, err);
    if (!rc && size != config->image_px)
        rc = error_set(err, ERR_UNSUPPORTED, "%s: \"size\" is not the vision tower's image_size",
                       where);
    if (!rc)
        rc = config_pixels(cfg, "mean", "std", where, config, err);
    return rc;
}

static int read_activation(const json_t *model, const char *where, struct clip_config *config,
                           struct error *err)
{
    const json_t *quick = json_object_get(model, "quick_gelu");
    if (quick && !json_is_boolean(quick) && !json_is_null(quick))
        return error_set(err, ERR_CORRUPT, "%s: \"quick_gelu\" is not true or false", where);
    config->vision.activation = json_is_true(quick) ? ACTIVATION_QUICK_GELU : ACTIVATION_GELU;
    config->text.activation = config->vision.activation;
    return 0;
}

static int read_model(const json_t *model, const char *where, struct clip_config *config,
                      struct error *err)
{
    AUTO_FREE char *in_vision = xasprintf("%s: vision_cfg", where);
    AUTO_FREE char *in_text = xasprintf("%s: text_cfg", where);
    json_t *vision, *text;
    int64_t dim = 0;
    int rc = check_options(model, model_options, where, err);
    if (!rc)
        rc = json_get_int(model, "embed_dim", 1, LIMIT_MODEL_WIDTH, where, &dim, err);
    if (!rc)
        rc = json_get_object(model, "vision_cfg", where, &vision, err);
    if (!rc)
        rc = json_get_object(model, "text_cfg", where, &text, err);
    if (!rc)
        rc = read_vision(vision, in_vision, config, err);
    if (!rc)
        rc = read_text(text, in_text, config, err);
    if (!rc)
        rc = read_activation(model, where, config, err);
    config->dim = (int)dim;
    return rc;
}

int clip_config_parse_openclip(const json_t *root, const char *where,
                               struct clip_config *ret_config, struct error *err)
{
    AUTO_FREE char *in_pixels = xasprintf("%s: preprocess_cfg", where);
    struct clip_config config = {.layout = CLIP_LAYOUT_OPENCLIP};
    json_t *model;
    const json_t *pixels = NULL;
    int rc = json_get_object(root, "model_cfg", where, &model, err);
    if (!rc)
        rc = read_model(model, where, &config, err);
    if (!rc)
        rc = config_check(&config, where, err);
    if (!rc)
        rc = config_object(root, "preprocess_cfg", where, &pixels, err);
    if (!rc)
        rc = read_pixels(pixels, in_pixels, &config, err);
    if (!rc)
        *ret_config = config;
    return rc;
}
