/* SPDX-License-Identifier: MIT */
/* The text tower: token ids to a vector. */
#include "clip/text_tower.h"

#include <stdlib.h>

#include "nn/encoder.h"
#include "nn/product.h"
#include "nn/unit.h"

struct text {
    size_t dim, width, context, vocab_size;
    float epsilon;
    struct tensor token;      /* [vocab_size][width] */
    const float *position;    /* [context][width] */
    struct norm_values final; /* of the end token */
    struct product projection;
    struct encoder *encoder;
    struct encoder_work work; /* without an engine: a sentence is too little work to share, and
                                 spinning threads would occupy the processors */
    struct scratch stream;    /* [tokens][width] */
    struct scratch pooled;    /* [width], the end token after the encoder */
};

int text_new(const struct clip_config *config, const struct text_pack *pack, bool mapped,
             const struct tensor *token, struct text **ret_text, struct error *err)
{
    struct text *text = xcalloc(1, sizeof *text);
    text->dim = (size_t)config->dim;
    text->width = (size_t)config->text.width;
    text->context = (size_t)config->context;
    text->vocab_size = (size_t)config->vocab_size;
    text->epsilon = config->text.epsilon;
    text->token = *token;
    text->work.lets_go = mapped;
    text->position = pack->position;
    text->final = (struct norm_values){pack->final.gain, pack->final.bias};
    text->projection = product_of(&pack->projection, PANEL_PLAIN);
    struct encoder_spec spec = {
        .config = &config->text, .packed = pack->layers, .causal = true, .type = VALUE_F32};
    int code = encoder_new(NULL, &spec, &text->encoder, err);
    if (code)
        text_free(text);
    else
        *ret_text = text;
    return code;
}

void text_free(struct text *text)
{
    if (!text)
        return;
    encoder_free(text->encoder);
    encoder_work_release(&text->work);
    scratch_release(&text->stream);
    scratch_release(&text->pooled);
    free(text);
}

static int check_ids(const struct text *text, const int32_t *ids, size_t n_ids, struct error *err)
{
    if (n_ids == 0 || n_ids > text->context)
        return error_set(err, ERR_INVALID, "%zu token ids given; this model takes 1 to %zu", n_ids,
                         text->context);
    for (size_t i = 0; i < n_ids; i++)
        if (ids[i] < 0 || (size_t)ids[i] >= text->vocab_size)
            return error_set(err, ERR_INVALID,
                             "token id %d is not in the model's vocabulary of %zu", ids[i],
                             text->vocab_size);
    return 0;
}

static size_t end_position(const int32_t *ids, size_t n_ids)
{
    size_t end = 0;
    for (size_t i = 1; i < n_ids; i++)
        if (ids[i] > ids[end])
            end = i;
    return end;
}

static int reserve_scratch(struct text *text, size_t tokens, struct error *err)
{
    int code = scratch_reserve(&text->stream, tokens * text->width, sizeof(float), err);
    if (!code)
        code = scratch_reserve(&text->pooled, text->width, sizeof(float), err);
    return code;
}

static void make_tokens(const struct text *text, const int32_t *ids, size_t tokens)
{
    float *stream = text->stream.data;
    for (size_t i = 0; i < tokens; i++)
        tensor_to_f32(&text->token, (size_t)ids[i] * text->width, text->width,
                      stream + i * text->width);
    for (size_t i = 0; i < tokens * text->width; i++)
        stream[i] += text->position[i];
}

int text_embed(struct text *text, const int32_t *ids, size_t n_ids, float *ret_vector,
               struct error *err)
{
    int code = check_ids(text, ids, n_ids, err);
    if (code)
        return code;
    size_t tokens = end_position(ids, n_ids) + 1;
    struct encoder_batch batch = {.sequences = 1, .tokens = tokens, .wanted = tokens - 1};
    code = reserve_scratch(text, tokens, err);
    if (code)
        return code;
    make_tokens(text, ids, tokens);
    code =
        encoder_run(text->encoder, &text->work, &batch, text->stream.data, text->pooled.data, err);
    text->work.lets_go = false;
    if (code)
        return code;
    float *pooled = text->pooled.data;
    encoder_norm(NULL, &text->final, text->epsilon, text->width, pooled, text->width, 1, pooled,
                 VALUE_F32);
    code = product_run(&text->projection, NULL, 1, pooled, ret_vector, err);
    return code ? code : unit_scale(ret_vector, text->dim, err);
}
