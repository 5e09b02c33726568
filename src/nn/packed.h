/* SPDX-License-Identifier: MIT */
/* The parameters of a tower in one block of memory, ready for kernels/panels.h: a file can be
 * mapped and used as it is.
 *
 * The place of each array follows from the tower's shape alone. The same functions place the arrays
 * in a block that is to be filled and in one that was read, so a file needs no table of them, and
 * its size says whether it is whole:
 *
 *     struct packed_walk walk = {NULL, 0};          measures
 *     packed_layer_place(&walk, config, type, &layer);
 *     ... walk.used bytes, aligned to PANEL_ALIGN ...
 *     walk = (struct packed_walk){block, 0};        places
 *     packed_layer_place(&walk, config, type, &layer);
 *     packed_layer_fill(&layer, &stored, &stage, err)      once, or never if the block is a file */
#pragma once

#include "kernels/panels.h"
#include "nn/layers.h"
#include "nn/scratch.h"

struct packed_walk {
    uint8_t *block; /* NULL: only measures; all pointers are then NULL */
    size_t used;
};

/* The next array of the block, at a multiple of PANEL_ALIGN. */
void *packed_take(struct packed_walk *walk, size_t bytes);

/* y = x W^T + b for panel_multiply. */
struct packed_linear {
    size_t in, out;
    enum panel_type type;
    void *weights;
    float *scales; /* NULL unless the type is PANEL_INT8 */
    float *biases; /* NULL: none */
};

void packed_linear_place(struct packed_walk *walk, enum panel_type type, size_t in, size_t out,
                         bool biased, struct packed_linear *ret_linear);
/* The columns are those of `parts` in sequence; all have a bias, or none has. A weight that the
 * type cannot hold is rounded to the nearest. `stage` is grown as needed. ERR_LIMIT, ERR_NO_MEMORY.
 */
int packed_linear_fill(struct packed_linear *linear, const struct linear_weights *const *parts,
                       size_t n_parts, struct scratch *stage, struct error *err) MUST_CHECK;

/* True if the type holds every weight exactly. `stage` as above. */
int packed_is_exact(const struct linear_weights *weights, enum panel_type type,
                    struct scratch *stage, bool *ret_exact, struct error *err) MUST_CHECK;

struct packed_norm {
    float *gain, *bias; /* [width] */
};
void packed_norm_place(struct packed_walk *walk, size_t width, struct packed_norm *ret_norm);
void packed_norm_fill(struct packed_norm *norm, const struct norm_weights *weights);

struct packed_layer {
    struct packed_norm norm1, norm2;
    struct packed_linear query, key_value, out, fc1, fc2; /* as in struct layer of encoder.c */
};
void packed_layer_place(struct packed_walk *walk, const struct tower_config *config,
                        enum panel_type type, struct packed_layer *ret_layer);
/* Takes a layer's arrays out of the memory of the process. Their block must be a mapped file. */
void packed_layer_let_go(const struct packed_layer *layer);
int packed_layer_fill(struct packed_layer *layer, const struct layer_weights *weights,
                      struct scratch *stage, struct error *err) MUST_CHECK;
