/* SPDX-License-Identifier: MIT */
/* Working memory of the towers: grows with the largest batch and is reused. */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct scratch {
    void *data; /* 64-byte aligned; contents undefined after a reserve */
    size_t bytes;
};

/* Makes room for count elements of `size` bytes. ERR_LIMIT above LIMIT_TOWER_BYTES, ERR_NO_MEMORY;
 * the scratch memory is then unchanged. */
int scratch_reserve(struct scratch *scratch, size_t count, size_t size,
                    struct error *err) MUST_CHECK;
void scratch_release(struct scratch *scratch); /* leaves it empty */
