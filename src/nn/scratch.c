/* SPDX-License-Identifier: MIT */
/* Working memory that grows with the largest batch and is reused. */
#include "nn/scratch.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/memory.h"

int scratch_reserve(struct scratch *scratch, size_t count, size_t size, struct error *err)
{
    size_t bytes;
    if (!__builtin_mul_overflow(count, size, &bytes) && bytes <= scratch->bytes)
        return 0;
    void *data;
    int code = try_alloc(count, size, LIMIT_TOWER_BYTES, &data, err);
    if (code)
        return error_add(err, "the model's working memory");
    free(scratch->data);
    *scratch = (struct scratch){data, bytes};
    return 0;
}

void scratch_release(struct scratch *scratch)
{
    free(scratch->data);
    *scratch = (struct scratch){0};
}
