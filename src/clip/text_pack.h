/* SPDX-License-Identifier: MIT */
/* The text tower's parameters in one block (nn/packed.h), all but the token rows: these are read
 * from the weights file, a few for each text. */
#pragma once

#include "clip/weights.h"
#include "nn/packed.h"

struct text_pack {
    enum panel_type type;
    float *position;          /* [context][width] */
    struct packed_norm final; /* of the end token */
    struct packed_linear projection;
    size_t n_layers;
    struct packed_layer *layers; /* this array is owned, the parameters are the block's */
};

/* Bytes of the block. */
size_t text_pack_bytes(const struct clip_config *config, enum panel_type type);
/* Points into a block of that size, which must outlive it. */
void text_pack_place(const struct clip_config *config, enum panel_type type, uint8_t *block,
                     struct text_pack *ret_pack);
void text_pack_release(struct text_pack *pack);

/* The narrowest type that has every weight of the tower exactly; if there is none of 16 bits,
 * PANEL_BF16 where `rounded` allows it, else PANEL_F32. */
int text_pack_choose(const struct clip_config *config, const struct clip_weights *weights,
                     bool rounded, enum panel_type *ret_type, struct error *err) MUST_CHECK;
/* Fills the block. */
int text_pack_fill(struct text_pack *pack, const struct clip_weights *weights,
                   struct error *err) MUST_CHECK;
