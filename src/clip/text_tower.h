/* SPDX-License-Identifier: MIT */
/* The text tower: token ids to a vector. A causal transformer as CLIP has it.
 *
 *     x = tokens + positions; encoder; vector = final norm(end token) projection
 *
 * The end token is the one with the highest id (OpenAI's rule; the eos_token_id of many config
 * files is wrong). Because no token attends to later ones, nothing after the end token is computed.
 */
#pragma once

#include "clip/text_pack.h"

struct text;

/* The parameters are borrowed: the pack, its block and the token rows [vocab_size][width] must
 * outlive the tower. `mapped`: the block is a mapped file. Most processes embed one text, so the
 * first one takes the parameters out of memory as it goes: a search then needs no more than those
 * of a layer. */
int text_new(const struct clip_config *config, const struct text_pack *pack, bool mapped,
             const struct tensor *token, struct text **ret_text, struct error *err) MUST_CHECK;
void text_free(struct text *text); /* NULL is fine */

/* ids [n_ids] -> ret_vector [dim] of unit length. ERR_INVALID when an id is not in the vocabulary,
 * or n_ids is 0 or above the context. */
int text_embed(struct text *text, const int32_t *ids, size_t n_ids, float *ret_vector,
               struct error *err) MUST_CHECK;
