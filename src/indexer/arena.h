/* SPDX-License-Identifier: MIT */
/* An arena for strings that are freed together, such as the paths of a gallery or of a walk. */
#pragma once

#include <stddef.h>

struct arena {
    struct arena_chunk *newest;
    size_t left; /* free bytes in it */
};

#define ARENA_INIT \
    {              \
        NULL, 0    \
    }

/* Returns a copy that is valid until arena_release. */
const char *arena_copy(struct arena *arena, const char *text);
void arena_release(struct arena *arena);
