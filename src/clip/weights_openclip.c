/* SPDX-License-Identifier: MIT */
/* Names of weights in open_clip's CLIP, which are OpenAI's own. Query, key and value are one
 * stacked matrix (torch.nn.MultiheadAttention); projections are stored transposed. */
#include "clip/weights_layout.h"

/* Part `index` of the three in a stacked tensor whose first dimension is 3 * rows. */
static struct tensor stacked_third(const struct tensor *stacked, size_t index, size_t rows)
{
    struct tensor part = *stacked;
    size_t bytes = stacked->type == TENSOR_F32 ? 4 : 2;
    part.shape[0] = rows;
    part.count = stacked->count / 3;
    part.data = (const char *)stacked->data + index * part.count * bytes;
    return part;
}

static int map_attention(const struct safetensors *file, const char *prefix, size_t width,
                         struct layer_weights *layer, struct error *err)
{
    struct tensor weight, bias;
    struct linear_weights *const parts[] = {&layer->q, &layer->k, &layer->v};
    int rc = weights_matrix(file, prefix, "attn.in_proj_weight", 3 * width, width, &weight, err);
    if (!rc)
        rc = weights_vector(file, prefix, "attn.in_proj_bias", 3 * width, &bias, err);
    if (!rc)
        rc = weights_linear(file, prefix, "attn.out_proj", width, width, &layer->out, err);
    for (size_t i = 0; !rc && i < 3; i++)
        *parts[i] = (struct linear_weights){.weight = stacked_third(&weight, i, width),
                                            .bias = stacked_third(&bias, i, width),
                                            .out = width,
                                            .in = width};
    return rc;
}

static int map_layer(const struct safetensors *file, const char *prefix,
                     const struct tower_config *tower, struct layer_weights *layer,
                     struct error *err)
{
    size_t width = (size_t)tower->width, mlp = (size_t)tower->mlp_width;
    int rc = weights_norm(file, prefix, "ln_1", width, &layer->norm1, err);
    if (!rc)
        rc = map_attention(file, prefix, width, layer, err);
    if (!rc)
        rc = weights_norm(file, prefix, "ln_2", width, &layer->norm2, err);
    if (!rc)
        rc = weights_linear(file, prefix, "mlp.c_fc", mlp, width, &layer->fc1, err);
    if (!rc)
        rc = weights_linear(file, prefix, "mlp.c_proj", width, mlp, &layer->fc2, err);
    return rc;
}

static int map_layers(const struct safetensors *file, const char *prefix,
                      const struct tower_config *tower, struct layer_weights *layers,
                      struct error *err)
{
    int rc = 0;
    for (int i = 0; !rc && i < tower->layers; i++) {
        AUTO_FREE char *name = xasprintf("%stransformer.resblocks.%d.", prefix, i);
        rc = map_layer(file, name, tower, &layers[i], err);
    }
    return rc;
}

static int map_vision(struct clip_weights *w, const struct clip_config *config, struct error *err)
{
    const char *prefix = "visual.";
    size_t width = (size_t)config->vision.width;
    size_t grid = (size_t)(config->image_px / config->patch_px);
    int rc = weights_patch(w->file, "visual.conv1.weight", config, &w->patch, err);
    if (!rc)
        rc = weights_vector(w->file, prefix, "class_embedding", width, &w->class_token, err);
    if (!rc)
        rc = weights_matrix(w->file, prefix, "positional_embedding", grid * grid + 1, width,
                            &w->vision_position, err);
    if (!rc)
        rc = weights_norm(w->file, prefix, "ln_pre", width, &w->vision_pre, err);
    if (!rc)
        rc = map_layers(w->file, prefix, &config->vision, w->vision_layers, err);
    if (!rc)
        rc = weights_norm(w->file, prefix, "ln_post", width, &w->vision_post, err);
    if (!rc)
        rc = weights_projection(w->file, prefix, "proj", (size_t)config->dim, width, true,
                                &w->vision_projection, err);
    return rc;
}

static int map_text(struct clip_weights *w, const struct clip_config *config, struct error *err)
{
    size_t width = (size_t)config->text.width;
    int rc = weights_matrix(w->file, "", "token_embedding.weight", (size_t)config->vocab_size,
                            width, &w->token, err);
    if (!rc)
        rc = weights_matrix(w->file, "", "positional_embedding", (size_t)config->context, width,
                            &w->text_position, err);
    if (!rc)
        rc = map_layers(w->file, "", &config->text, w->text_layers, err);
    if (!rc)
        rc = weights_norm(w->file, "", "ln_final", width, &w->text_final, err);
    if (!rc)
        rc = weights_projection(w->file, "", "text_projection", (size_t)config->dim, width, true,
                                &w->text_projection, err);
    return rc;
}

int clip_weights_map_openclip(struct clip_weights *weights, const struct clip_config *config,
                              struct error *err)
{
    int rc = map_vision(weights, config, err);
    return rc ? rc : map_text(weights, config, err);
}
