/* SPDX-License-Identifier: MIT */
/* Allocates memory for pixels, from the heap or from the lender of a decoding process. */
#include "image/decode_memory.h"

#include "base/limits.h"
#include "base/memory.h"

static const struct decode_lender *lender;

void decode_memory_use(const struct decode_lender *of_process)
{
    lender = of_process;
}

int decode_memory_reserve(uint64_t bytes, uint64_t n_px, struct error *err)
{
    return lender ? lender->reserve(bytes, n_px, err) : 0;
}

int decode_memory_take(size_t count, size_t size, void **ret_block, struct error *err)
{
    size_t bytes;
    if (lender && !__builtin_mul_overflow(count, size, &bytes) && bytes <= LIMIT_DECODE_BYTES) {
        void *block = lender->take(bytes);
        if (block) {
            *ret_block = block;
            return 0;
        }
    }
    return try_alloc(count, size, LIMIT_DECODE_BYTES, ret_block, err);
}

void decode_memory_free(void *block)
{
    if (!lender || !lender->owns(block))
        free(block);
}
