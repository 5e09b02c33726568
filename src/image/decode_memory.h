/* SPDX-License-Identifier: MIT */
/* Who provides the memory of decoding. By default the heap does, without asking anybody. A process
 * that decodes for another one (cage/worker.c) has a lender: it is asked before much is held, and
 * lends room that both processes see, so that finished pixels need no copy. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct decode_lender {
    /* Whether a decode may hold `bytes` in all from now on; an error ends the decode. */
    int (*reserve)(uint64_t bytes, uint64_t n_px, struct error *err);
    /* Room for pixels, 64-byte aligned; NULL: the heap is to serve. */
    void *(*take)(size_t bytes);
    bool (*owns)(const void *block); /* Blocks of the lender are not freed one by one. */
};

/* Once, before any decode of this process; the lender must outlive it. */
void decode_memory_use(const struct decode_lender *lender);

/* n_px: how many pixels there are to decode, which is what the time goes by where little memory is
 * held; 0: as before. */
int decode_memory_reserve(uint64_t bytes, uint64_t n_px, struct error *err) MUST_CHECK;

/* count * size bytes for pixels, 64-byte aligned, not cleared. ERR_LIMIT, ERR_NO_MEMORY. */
int decode_memory_take(size_t count, size_t size, void **ret_block, struct error *err) MUST_CHECK;
void decode_memory_free(void *block); /* NULL is fine */

/* AUTO_PIXELS uint8_t *pixels = NULL; as AUTO_FREE, for what decode_memory_take gave. */
#define AUTO_PIXELS __attribute__((cleanup(decode_memory_auto_free)))
static inline void decode_memory_auto_free(void *owned)
{
    decode_memory_free(*(void **)owned);
}
