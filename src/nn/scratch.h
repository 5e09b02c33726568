/* SPDX-License-Identifier: MIT */
/* Working memory of the towers: grown when a larger batch comes, kept for the next. */
#pragma once

#include <stddef.h>

#include "base/error.h"

struct scratch {
    void *data; /* 64-byte aligned; contents undefined after a reserve */
    size_t bytes;
};

/* Makes room for count elements of `size` bytes. ERR_LIMIT past LIMIT_TOWER_BYTES, ERR_NO_MEMORY;
 * the scratch is then as before. */
int scratch_reserve(struct scratch *scratch, size_t count, size_t size,
                    struct error *err) MUST_CHECK;
void scratch_release(struct scratch *scratch); /* empty after */
