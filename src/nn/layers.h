/* SPDX-License-Identifier: MIT */
/* The shape of a transformer and the stored weights of its layers, by role.
 *
 * Tensors are views into a mapped file (nn/safetensors.h); the code that fills them in checks their
 * shapes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "nn/safetensors.h"

enum activation {
    ACTIVATION_QUICK_GELU, /* x * sigmoid(1.702 x): OpenAI's weights */
    ACTIVATION_GELU,       /* x * (1 + erf(x / sqrt 2)) / 2: LAION's and most later ones */
};

struct tower_config {
    int width; /* of a token */
    int layers;
    int heads;     /* width is a multiple of it */
    int mlp_width; /* of the hidden layer */
    enum activation activation;
    float epsilon; /* of layer norms */
};

/* y = x W^T + b. weight [out][in], or [in][out] when transposed (OpenCLIP's projections). */
struct linear_weights {
    struct tensor weight, bias; /* bias.count == 0: none */
    size_t out, in;
    bool transposed;
};

struct norm_weights {
    struct tensor gain, bias; /* [width] */
};

struct layer_weights {
    struct norm_weights norm1, norm2;
    struct linear_weights q, k,
        v; /* [width][width]; parts of one stacked tensor in OpenCLIP's layout */
    struct linear_weights out; /* [width][width] */
    struct linear_weights fc1; /* [mlp_width][width] */
    struct linear_weights fc2; /* [width][mlp_width] */
};
