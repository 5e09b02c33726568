/* SPDX-License-Identifier: MIT */
/* Byte-pair encoding of one word: its bytes become tokens, and neighbouring tokens are merged, the
 * merge with the lowest rank first and the leftmost of equals, until none applies.
 *
 * A heap holds the candidates, so a word of n bytes takes O(n log n). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "tokenizer/merges.h"

/* The initial tokens of single bytes: inside a word, and at its end ("</w>"). */
struct alphabet {
    int32_t inside[256], last[256];
};

/* Working memory, reused for every word; initialize it with {0}. */
struct bpe {
    int32_t *ids; /* of the word's tokens; -1: merged away */
    uint32_t *previous, *next;
    uint64_t *heap; /* rank << 32 | position of the left token */
    size_t cap, heap_count, heap_cap;
};

void bpe_release(struct bpe *b);

/* Encodes a word of `length` >= 1. The tokens are b->ids[0 .. result), valid until the next word.
 */
size_t bpe_encode(struct bpe *b, const struct alphabet *alphabet, const struct merges *merges,
                  const char *word, size_t length);
