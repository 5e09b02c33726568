/* SPDX-License-Identifier: MIT */
/* Turns a model's stored weights into products and float32 parameters. */
#pragma once

#include "nn/layers.h"
#include "nn/matmul.h"
#include "nn/scratch.h"

/* The staging buffer for converted weights; released when a tower is complete. */
struct linear_loader {
    struct matmul_engine *engine;
    enum value_type type;  /* of the products' inputs and packed weights */
    size_t typical_rows;   /* of the products' inputs */
    struct scratch *stage; /* grown as needed */
};

/* A product whose columns are those of `parts` in sequence. Each is [part->out][in] with the same
 * `in`; all have a bias or none has. A transposed part must be the only one. */
int linear_load(const struct linear_loader *loader, const struct linear_weights *const *parts,
                size_t n_parts, enum value_type outputs, enum matmul_finish finish,
                struct matmul **ret_matmul, struct error *err) MUST_CHECK;

/* The whole tensor as float32; the caller frees. */
int linear_floats(const struct tensor *tensor, float **ret_values, struct error *err) MUST_CHECK;

/* Gain and bias of a layer norm. */
struct norm_values {
    float *gain, *bias;
};
int norm_values_load(const struct norm_weights *weights, struct norm_values *ret_values,
                     struct error *err) MUST_CHECK;
void norm_values_release(struct norm_values *values);
