/* SPDX-License-Identifier: MIT */
/* Fills the roles of a model's weights from the tensors that its layout names. */
#include "clip/weights_layout.h"

/* What a role is filled from. */
struct mapping {
    const struct safetensors *file;
    const struct weights_layout *layout;
    struct error *err;
};

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

static int map_stacked(const struct mapping *m, const char *prefix, size_t width,
                       struct linear_weights *const parts[3])
{
    struct tensor weight, bias;
    AUTO_FREE char *name = xasprintf("%s%s", prefix, m->layout->stacked);
    int rc = weights_matrix(m->file, name, "weight", 3 * width, width, &weight, m->err);
    if (!rc)
        rc = weights_vector(m->file, name, "bias", 3 * width, &bias, m->err);
    for (size_t i = 0; !rc && i < 3; i++)
        *parts[i] = (struct linear_weights){.weight = stacked_third(&weight, i, width),
                                            .bias = stacked_third(&bias, i, width),
                                            .out = width,
                                            .in = width};
    return rc;
}

static int map_attention(const struct mapping *m, const char *prefix, size_t width,
                         struct layer_weights *layer)
{
    const struct weights_layout *layout = m->layout;
    struct linear_weights *const parts[] = {&layer->q, &layer->k, &layer->v};
    const char *const names[] = {layout->query, layout->key, layout->value};
    int rc = layout->stacked ? map_stacked(m, prefix, width, parts) : 0;
    for (size_t i = 0; !rc && !layout->stacked && i < 3; i++)
        rc = weights_linear(m->file, prefix, names[i], width, width, parts[i], m->err);
    if (!rc)
        rc = weights_linear(m->file, prefix, layout->out, width, width, &layer->out, m->err);
    return rc;
}

static int map_layer(const struct mapping *m, const char *prefix, const struct tower_config *tower,
                     struct layer_weights *layer)
{
    const struct weights_layout *layout = m->layout;
    size_t width = (size_t)tower->width, mlp = (size_t)tower->mlp_width;
    int rc = weights_norm(m->file, prefix, layout->norm1, width, &layer->norm1, m->err);
    if (!rc)
        rc = map_attention(m, prefix, width, layer);
    if (!rc)
        rc = weights_norm(m->file, prefix, layout->norm2, width, &layer->norm2, m->err);
    if (!rc)
        rc = weights_linear(m->file, prefix, layout->fc1, mlp, width, &layer->fc1, m->err);
    if (!rc)
        rc = weights_linear(m->file, prefix, layout->fc2, width, mlp, &layer->fc2, m->err);
    return rc;
}

static int map_layers(const struct mapping *m, const char *prefix, const struct tower_config *tower,
                      struct layer_weights *layers)
{
    int rc = 0;
    for (int i = 0; !rc && i < tower->layers; i++) {
        AUTO_FREE char *name = xasprintf("%s%d.", prefix, i);
        rc = map_layer(m, name, tower, &layers[i]);
    }
    return rc;
}

static int map_vision(const struct mapping *m, const struct clip_config *config,
                      struct clip_weights *w)
{
    const struct weights_layout *layout = m->layout;
    size_t width = (size_t)config->vision.width;
    size_t grid = (size_t)(config->image_px / config->patch_px);
    int rc = weights_patch(m->file, layout->patch, config, &w->patch, m->err);
    if (!rc)
        rc = weights_vector(m->file, "", layout->class_token, width, &w->class_token, m->err);
    if (!rc)
        rc = weights_matrix(m->file, "", layout->vision_position, grid * grid + 1, width,
                            &w->vision_position, m->err);
    if (!rc)
        rc = weights_norm(m->file, "", layout->vision_pre, width, &w->vision_pre, m->err);
    if (!rc)
        rc = map_layers(m, layout->vision_layers, &config->vision, w->vision_layers);
    if (!rc)
        rc = weights_norm(m->file, "", layout->vision_post, width, &w->vision_post, m->err);
    if (!rc)
        rc = weights_projection(m->file, "", layout->vision_projection, (size_t)config->dim, width,
                                layout->transposed, &w->vision_projection, m->err);
    return rc;
}

static int map_text(const struct mapping *m, const struct clip_config *config,
                    struct clip_weights *w)
{
    const struct weights_layout *layout = m->layout;
    size_t width = (size_t)config->text.width;
    int rc = weights_matrix(m->file, "", layout->token, (size_t)config->vocab_size, width,
                            &w->token, m->err);
    if (!rc)
        rc = weights_matrix(m->file, "", layout->text_position, (size_t)config->context, width,
                            &w->text_position, m->err);
    if (!rc)
        rc = map_layers(m, layout->text_layers, &config->text, w->text_layers);
    if (!rc)
        rc = weights_norm(m->file, "", layout->text_final, width, &w->text_final, m->err);
    if (!rc)
        rc = weights_projection(m->file, "", layout->text_projection, (size_t)config->dim, width,
                                layout->transposed, &w->text_projection, m->err);
    return rc;
}

int weights_map(struct clip_weights *weights, const struct clip_config *config, struct error *err)
{
    struct mapping m = {weights->file, &weights_layouts[config->layout], err};
    int rc = map_vision(&m, config, weights);
    return rc ? rc : map_text(&m, config, weights);
}
