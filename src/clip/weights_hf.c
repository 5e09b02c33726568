/* SPDX-License-Identifier: MIT */
/* Names of weights in transformers' CLIPModel. */
#include "clip/weights_layout.h"

static int map_attention(const struct safetensors *file, const char *prefix, size_t width,
                         struct layer_weights *layer, struct error *err)
{
    int rc = weights_linear(file, prefix, "self_attn.q_proj", width, width, &layer->q, err);
    if (!rc)
        rc = weights_linear(file, prefix, "self_attn.k_proj", width, width, &layer->k, err);
    if (!rc)
        rc = weights_linear(file, prefix, "self_attn.v_proj", width, width, &layer->v, err);
    if (!rc)
        rc = weights_linear(file, prefix, "self_attn.out_proj", width, width, &layer->out, err);
    return rc;
}

static int map_layer(const struct safetensors *file, const char *prefix,
                     const struct tower_config *tower, struct layer_weights *layer,
                     struct error *err)
{
    size_t width = (size_t)tower->width, mlp = (size_t)tower->mlp_width;
    int rc = weights_norm(file, prefix, "layer_norm1", width, &layer->norm1, err);
    if (!rc)
        rc = map_attention(file, prefix, width, layer, err);
    if (!rc)
        rc = weights_norm(file, prefix, "layer_norm2", width, &layer->norm2, err);
    if (!rc)
        rc = weights_linear(file, prefix, "mlp.fc1", mlp, width, &layer->fc1, err);
    if (!rc)
        rc = weights_linear(file, prefix, "mlp.fc2", width, mlp, &layer->fc2, err);
    return rc;
}

static int map_layers(const struct safetensors *file, const char *prefix,
                      const struct tower_config *tower, struct layer_weights *layers,
                      struct error *err)
{
    int rc = 0;
    for (int i = 0; !rc && i < tower->layers; i++) {
        AUTO_FREE char *name = xasprintf("%sencoder.layers.%d.", prefix, i);
        rc = map_layer(file, name, tower, &layers[i], err);
    }
    return rc;
}

static int map_vision(struct clip_weights *w, const struct clip_config *config, struct error *err)
{
    const char *prefix = "vision_model.";
    size_t width = (size_t)config->vision.width;
    size_t grid = (size_t)(config->image_px / config->patch_px);
    int rc = weights_patch(w->file, "vision_model.embeddings.patch_embedding.weight", config,
                           &w->patch, err);
    if (!rc)
        rc = weights_vector(w->file, prefix, "embeddings.class_embedding", width, &w->class_token,
                            err);
    if (!rc)
        rc = weights_matrix(w->file, prefix, "embeddings.position_embedding.weight",
                            grid * grid + 1, width, &w->vision_position, err);
    if (!rc)
        rc = weights_norm(w->file, prefix, "pre_layrnorm", width, &w->vision_pre, err);
    if (!rc)
        rc = map_layers(w->file, prefix, &config->vision, w->vision_layers, err);
    if (!rc)
        rc = weights_norm(w->file, prefix, "post_layernorm", width, &w->vision_post, err);
    if (!rc)
        rc = weights_projection(w->file, "", "visual_projection.weight", (size_t)config->dim, width,
                                false, &w->vision_projection, err);
    return rc;
}

static int map_text(struct clip_weights *w, const struct clip_config *config, struct error *err)
{
    const char *prefix = "text_model.";
    size_t width = (size_t)config->text.width;
    int rc = weights_matrix(w->file, prefix, "embeddings.token_embedding.weight",
                            (size_t)config->vocab_size, width, &w->token, err);
    if (!rc)
        rc = weights_matrix(w->file, prefix, "embeddings.position_embedding.weight",
                            (size_t)config->context, width, &w->text_position, err);
    if (!rc)
        rc = map_layers(w->file, prefix, &config->text, w->text_layers, err);
    if (!rc)
        rc = weights_norm(w->file, prefix, "final_layer_norm", width, &w->text_final, err);
    if (!rc)
        rc = weights_projection(w->file, "", "text_projection.weight", (size_t)config->dim, width,
                                false, &w->text_projection, err);
    return rc;
}

int clip_weights_map_hf(struct clip_weights *weights, const struct clip_config *config,
                        struct error *err)
{
    int rc = map_vision(weights, config, err);
    return rc ? rc : map_text(weights, config, err);
}
