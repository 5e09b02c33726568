/* SPDX-License-Identifier: MIT */
/* The transformer that both towers share: layers of attention and MLP around a residual stream.
 *
 *     x += out(attention(q, k, v of norm1(x)));   x += fc2(activation(fc1(norm2(x))))
 *
 * Only one token of each sequence is needed in the end: the last layer computes keys and values of
 * all tokens, and everything else for that token alone. The stream is float32; activations between
 * products have the encoder's type. */
#pragma once

#include "nn/linear.h"
#include "nn/packed.h"

struct encoder;

/* Either `layers`, which are prepared for oneDNN, or `packed`. */
struct encoder_spec {
    const struct tower_config *config;
    const struct layer_weights *layers; /* config->layers of them; read only during the call */
    const struct packed_layer *packed;  /* the same; must outlive the encoder */
    bool causal;                        /* a token attends only to earlier ones and itself */
    enum value_type type;               /* of activations between products; f32 with `packed` */
    size_t typical_rows;                /* tokens of a typical batch; not used with `packed` */
};

/* engine: NULL with `packed`. */
int encoder_new(struct matmul_engine *engine, const struct encoder_spec *spec,
                struct encoder **ret_encoder, struct error *err) MUST_CHECK;
void encoder_free(struct encoder *encoder); /* NULL is fine */
DEFINE_AUTO(encoder, encoder_free)

/* What one run needs besides the weights. One encoder may run on several of these at the same time.
 * It is ready when zeroed and given an engine. */
struct encoder_work {
    struct matmul_engine *engine; /* NULL: packed weights, on the calling thread alone */
    /* The packed weights are a file's, and each layer's leave the process's memory once they were
     * used; the next run maps them again. */
    bool lets_go;
    /* Working memory, [rows][...] of the encoder's type: rows are tokens of a batch. */
    struct scratch normed;    /* [width]; the attention's result once its products are done */
    struct scratch query;     /* [width] */
    struct scratch key_value; /* [2 width] */
    struct scratch hidden;    /* [mlp_width] */
    struct scratch attention; /* floats, one part per thread */
};
void encoder_work_release(struct encoder_work *work); /* releases all but the engine */

struct encoder_batch {
    size_t sequences, tokens; /* tokens of each sequence */
    size_t wanted;            /* index of the wanted token; the last one when causal */
};

/* stream [sequences][tokens][width] is consumed; ret_tokens [sequences][width] is the wanted token
 * of each after the last layer. */
int encoder_run(const struct encoder *encoder, struct encoder_work *work,
                const struct encoder_batch *batch, float *stream, float *ret_tokens,
                struct error *err) MUST_CHECK;

/* Layer norm of `rows` rows of width `width` on the engine's cores; engine and in_stride as in
 * struct encoder_work and struct norm_job. */
void encoder_norm(const struct matmul_engine *engine, const struct norm_values *values,
                  float epsilon, size_t width, const float *in, size_t in_stride, size_t rows,
                  void *out, enum value_type out_type);
