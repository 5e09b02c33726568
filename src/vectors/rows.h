/* SPDX-License-Identifier: MIT */
/* The rows of an index: codes in blocks that never move, laid out for the scan kernels.
 *
 * Several indexes may share a block (vectors_fork): its rows are written once and never changed. An
 * index sees the rows that it had when it was forked, even if the other index appends more to the
 * block; each index has its own set of removed rows. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vectors/code.h"
#include "vectors/vectors.h"

#define ROWS_PER_BLOCK 4096

struct spread; /* vectors/spread.h */

struct rows_block {
    atomic_size_t refs;    /* indexes that use the block */
    struct spread *spread; /* guarded by the lock of spread.c; or NULL */
    size_t written;        /* number of rows written by any index */
    int64_t ids[ROWS_PER_BLOCK];
    float scales[ROWS_PER_BLOCK], errors[ROWS_PER_BLOCK]; /* as in struct code */
    int8_t *units; /* [ROWS_PER_BLOCK][stride], 64-byte aligned; huge pages where possible */
};

/* The view that one index has of a block. */
struct rows_slot {
    struct rows_block *block;
    uint64_t *removed; /* a bit per row of the block; NULL: none is removed */
    size_t n_removed;
    int64_t least, greatest; /* of all ids that were ever in it */
};

struct vectors {
    size_t dim, stride; /* stride: dim rounded up to SCAN_ALIGN */
    size_t rows;        /* including removed rows */
    size_t removed;
    struct rows_slot *slots; /* [n_blocks], all full but the last */
    size_t n_blocks, cap;
    struct shared_scan *shared_scan;
};

/* Gets the cleared units of a new row, which rows_append then adds. ERR_NO_MEMORY. */
int rows_reserve(struct vectors *v, int8_t **ret_units, struct error *err) MUST_CHECK;
void rows_append(struct vectors *v, int64_t id, struct code c);
/* Shares the rows of `from` with `to`, which must be empty. */
void rows_share(struct vectors *to, const struct vectors *from);
void rows_release(struct vectors *v);
/* Marks the rows with these ids [n], ascending, as removed; returns their number. */
size_t rows_remove(struct vectors *v, const int64_t *ids, size_t n);
/* Moves the remaining rows of sparse blocks to new blocks. If memory is short, nothing changes. */
void rows_compact(struct vectors *v);

static inline size_t rows_in_block(const struct vectors *v, size_t block)
{
    size_t first = block * ROWS_PER_BLOCK;
    return v->rows - first < ROWS_PER_BLOCK ? v->rows - first : ROWS_PER_BLOCK;
}

static inline int64_t rows_id(const struct vectors *v, size_t row)
{
    return v->slots[row / ROWS_PER_BLOCK].block->ids[row % ROWS_PER_BLOCK];
}

static inline bool rows_is_removed(const struct rows_slot *slot, size_t row_in_block)
{
    return slot->removed && slot->removed[row_in_block / 64] >> (row_in_block % 64) & 1;
}
