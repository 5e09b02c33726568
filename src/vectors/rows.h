/* SPDX-License-Identifier: MIT */
/* The rows of an index: codes in blocks that never move, ready for the scan kernels. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "vectors/vectors.h"

#define ROWS_PER_BLOCK 4096

struct rows_block {
    int64_t ids[ROWS_PER_BLOCK];
    float scales[ROWS_PER_BLOCK], errors[ROWS_PER_BLOCK]; /* as struct code has them */
    int8_t *units; /* [ROWS_PER_BLOCK][stride], 64-byte aligned; huge pages where they fit */
};

struct vectors {
    size_t dim, stride; /* stride: dim rounded up to SCAN_ALIGN */
    size_t count;
    struct rows_block **blocks; /* [n_blocks], all full but the last */
    size_t n_blocks, cap;
    struct shared_pass *shared_pass;
};

static inline size_t rows_in_block(const struct vectors *v, size_t block)
{
    size_t first = block * ROWS_PER_BLOCK;
    return v->count - first < ROWS_PER_BLOCK ? v->count - first : ROWS_PER_BLOCK;
}

static inline int64_t rows_id(const struct vectors *v, size_t row)
{
    return v->blocks[row / ROWS_PER_BLOCK]->ids[row % ROWS_PER_BLOCK];
}
