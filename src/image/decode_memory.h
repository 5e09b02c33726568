/* SPDX-License-Identifier: MIT */
/* The allocator for decoding. The default is the heap, without a limit. A process that decodes for
 * another one (cage/worker.c) has a lender: it is asked before large allocations, and lends memory
 * that both processes share, so that finished pixels need no copy. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct decode_lender {
    /* Asks whether a decode may use `bytes` in total from now on; an error ends the decode. */
    int (*reserve)(uint64_t bytes, uint64_t n_px, struct error *err);
    /* Returns memory for pixels, 64-byte aligned; NULL: use the heap. */
    void *(*take)(size_t bytes);
    /* Whether the lender owns the block; its blocks are not freed one by one. */
    bool (*owns)(const void *block);
};

/* To be called once, before any decode of this process; the lender must outlive it. */
void decode_memory_use(const struct decode_lender *lender);

/* n_px is the number of pixels to decode, which determines the time limit when little memory is
 * used; 0: unchanged. */
int decode_memory_reserve(uint64_t bytes, uint64_t n_px, struct error *err) MUST_CHECK;

/* Allocates count * size bytes for pixels, 64-byte aligned, uninitialized. ERR_LIMIT,
 * ERR_NO_MEMORY. */
int decode_memory_take(size_t count, size_t size, void **ret_block, struct error *err) MUST_CHECK;
void decode_memory_free(void *block); /* NULL is allowed */

/* AUTO_PIXELS uint8_t *pixels = NULL; as AUTO_FREE, for memory from decode_memory_take. */
#define AUTO_PIXELS __attribute__((cleanup(decode_memory_auto_free)))
static inline void decode_memory_auto_free(void *owned)
{
    decode_memory_free(*(void **)owned);
}
