/* SPDX-License-Identifier: MIT */
/* Allocation: x*() end the program without memory, try_alloc() returns an error. */
#include "base/memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

_Noreturn void memory_exhausted(size_t size)
{
    char text[160];
    int n = snprintf(text, sizeof text,
                     "keepsake: out of memory: cannot allocate %zu bytes; close other programs "
                     "and run the command again\n",
                     size);
    ssize_t ignored = write(STDERR_FILENO, text, (size_t)n);
    (void)ignored;
    _exit(1);
}

static void *check_block(void *block, size_t size)
{
    if (!block && size)
        memory_exhausted(size);
    return block;
}

void *xmalloc(size_t size)
{
    return check_block(malloc(size), size);
}

void *xcalloc(size_t count, size_t size)
{
    return check_block(calloc(count, size), count && size);
}

void *xrealloc(void *block, size_t size)
{
    return check_block(realloc(block, size), size);
}

char *xstrndup(const char *text, size_t length)
{
    char *copy = xmalloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *xstrdup(const char *text)
{
    return xstrndup(text, strlen(text));
}

char *xvasprintf(const char *format, va_list args)
{
    char *text;
    if (vasprintf(&text, format, args) < 0)
        memory_exhausted(strlen(format));
    return text;
}

char *xasprintf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = xvasprintf(format, args);
    va_end(args);
    return text;
}

void memory_return_large(void)
{
    enum { LARGE_BYTES = 2 << 20 };
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    mallopt(M_TRIM_THRESHOLD, 2 * LARGE_BYTES);
}

int try_alloc(size_t count, size_t size, size_t limit, void **ret_block, struct error *err)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > limit)
        return error_set(err, ERR_LIMIT, "needs more than the limit of %zu MiB of memory",
                         limit >> 20);
    size_t rounded = (bytes + 63) / 64 * 64;
    void *block = rounded < bytes ? NULL : aligned_alloc(64, rounded ? rounded : 64);
    if (!block)
        return error_set(err, ERR_NO_MEMORY, "cannot allocate %zu bytes of memory", bytes);
    *ret_block = block;
    return 0;
}

void array_grow(void **items, size_t *cap, size_t needed, size_t size)
{
    if (needed <= *cap)
        return;
    size_t grown = *cap ? *cap : 8, bytes;
    while (grown < needed)
        grown *= 2;
    if (__builtin_mul_overflow(grown, size, &bytes))
        BUG("array of %zu elements", needed);
    *items = xrealloc(*items, bytes);
    *cap = grown;
}
