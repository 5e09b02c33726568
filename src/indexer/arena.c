/* SPDX-License-Identifier: MIT */
/* An arena for strings that are freed together. */
#include "indexer/arena.h"

#include <string.h>

#include "base/memory.h"

struct arena_chunk {
    struct arena_chunk *older;
    size_t size;
    char bytes[];
};

#define CHUNK_BYTES ((size_t)64 << 10)

const char *arena_copy(struct arena *arena, const char *text)
{
    size_t size = strlen(text) + 1;
    if (size > arena->left) {
        size_t chunk_bytes = size > CHUNK_BYTES ? size : CHUNK_BYTES;
        struct arena_chunk *chunk = xmalloc(sizeof *chunk + chunk_bytes);
        *chunk = (struct arena_chunk){arena->newest, chunk_bytes};
        arena->newest = chunk;
        arena->left = chunk_bytes;
    }
    char *copy = arena->newest->bytes + arena->newest->size - arena->left;
    memcpy(copy, text, size);
    arena->left -= size;
    return copy;
}

void arena_release(struct arena *arena)
{
    while (arena->newest) {
        struct arena_chunk *chunk = arena->newest;
        arena->newest = chunk->older;
        free(chunk);
    }
    arena->left = 0;
}
