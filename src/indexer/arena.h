/* SPDX-License-Identifier: MIT */
/* An arena for strings that are freed together: the paths of a gallery and of a walk. */
#pragma once

#include <stddef.h>

struct arena {
    struct arena_chunk *newest;
    size_t left; /* bytes free in it */
};

#define ARENA_INIT \
    {              \
        NULL, 0    \
    }

/* A copy that lives until arena_release. */
const char *arena_copy(struct arena *arena, const char *text);
void arena_release(struct arena *arena);
