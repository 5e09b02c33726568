/* SPDX-License-Identifier: MIT */
/* Places the text tower's parameters in one block, and fills it from stored weights. */
#include "clip/text_pack.h"

static void place_all(const struct clip_config *config, enum panel_type type,
                      struct packed_walk *walk, struct text_pack *pack)
{
    size_t width = (size_t)config->text.width;
    pack->type = type;
    pack->position = packed_take(walk, (size_t)config->context * width * sizeof(float));
    packed_norm_place(walk, width, &pack->final);
    packed_linear_place(walk, type, width, (size_t)config->dim, false, &pack->projection);
    for (size_t i = 0; i < pack->n_layers; i++)
        packed_layer_place(walk, &config->text, type, &pack->layers[i]);
}

void text_pack_place(const struct clip_config *config, enum panel_type type, uint8_t *block,
                     struct text_pack *ret_pack)
{
    struct packed_walk walk = {block, 0};
    struct text_pack pack = {.n_layers = (size_t)config->text.layers};
    pack.layers = xcalloc(pack.n_layers, sizeof *pack.layers);
    place_all(config, type, &walk, &pack);
    *ret_pack = pack;
}

void text_pack_release(struct text_pack *pack)
{
    free(pack->layers);
    *pack = (struct text_pack){0};
}

size_t text_pack_bytes(const struct clip_config *config, enum panel_type type)
{
    struct packed_walk walk = {NULL, 0};
    struct text_pack pack = {.n_layers = (size_t)config->text.layers};
    pack.layers = xcalloc(pack.n_layers, sizeof *pack.layers);
    place_all(config, type, &walk, &pack);
    text_pack_release(&pack);
    return walk.used;
}

/* Whether the type has every weight of the tower exactly. */
static int tower_is_exact(const struct clip_config *config, const struct clip_weights *weights,
                          enum panel_type type, struct scratch *stage, bool *ret_exact,
                          struct error *err)
{
    int code = packed_is_exact(&weights->text_projection, type, stage, ret_exact, err);
    for (size_t i = 0; !code && *ret_exact && i < (size_t)config->text.layers; i++) {
        const struct layer_weights *layer = &weights->text_layers[i];
        const struct linear_weights *all[] = {&layer->q,   &layer->k,   &layer->v,
                                              &layer->out, &layer->fc1, &layer->fc2};
        for (size_t j = 0; !code && *ret_exact && j < sizeof all / sizeof *all; j++)
            code = packed_is_exact(all[j], type, stage, ret_exact, err);
    }
    return code;
}

int text_pack_choose(const struct clip_config *config, const struct clip_weights *weights,
                     bool rounded, enum panel_type *ret_type, struct error *err)
{
    struct scratch stage = {0};
    bool half = false, bf16 = false;
    int code = tower_is_exact(config, weights, PANEL_F16, &stage, &half, err);
    if (!code && !half)
        code = tower_is_exact(config, weights, PANEL_BF16, &stage, &bf16, err);
    scratch_release(&stage);
    if (!code)
        *ret_type = half ? PANEL_F16 : bf16 || rounded ? PANEL_BF16 : PANEL_F32;
    return code;
}

int text_pack_fill(struct text_pack *pack, const struct clip_weights *weights, struct error *err)
{
    struct scratch stage = {0};
    const struct linear_weights *projection[] = {&weights->text_projection};
    tensor_to_f32(&weights->text_position, 0, weights->text_position.count, pack->position);
    packed_norm_fill(&pack->final, &weights->text_final);
    int code = packed_linear_fill(&pack->projection, projection, 1, &stage, err);
    for (size_t i = 0; !code && i < pack->n_layers; i++)
        code = packed_layer_fill(&pack->layers[i], &weights->text_layers[i], &stage, err);
    scratch_release(&stage);
    return code;
}
