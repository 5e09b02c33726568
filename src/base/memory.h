/* SPDX-License-Identifier: MIT */
/* Memory of two kinds, by the origin of the size.
 *
 * Small sizes that the program chooses: x*() never fail. Out of memory they print a sentence and
 * exit with status 1, because nothing useful can be done. Sizes that come from outside (pixels,
 * tensors, JSON): try_alloc(), which checks for overflow and a named limit, and returns an error.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/error.h"

/* How x*() end the program, also for small allocations of libraries; allocates nothing itself. */
_Noreturn void memory_exhausted(size_t size);

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *block, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t length);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* Makes glibc return large blocks to the system when they are freed. By default it keeps them for
 * the thread that freed them: tens of megabytes for each thread that ever resized a large picture.
 * Programs with threads call this once, before they start any. */
void memory_return_large(void);

/* count * size bytes, 64-byte aligned, not cleared, released with free().
 * ERR_LIMIT when the product overflows or exceeds `limit`; ERR_NO_MEMORY when there is none. */
int try_alloc(size_t count, size_t size, size_t limit, void **ret_block,
              struct error *err) MUST_CHECK;

/* Grows *items (of *cap elements of `size` bytes) so that it holds `needed`; doubles. */
void array_grow(void **items, size_t *cap, size_t needed, size_t size);
#define ARRAY_GROW(items, cap, needed) \
    array_grow((void **)&(items), &(cap), (needed), sizeof *(items))

/* A local variable that owns: AUTO(image) *photo = NULL; frees it at the end of the scope. The
 * header of a type T that T_free(struct T *) frees says DEFINE_AUTO(T, T_free). */
#define AUTO(type) __attribute__((cleanup(type##_auto_free))) struct type
#define DEFINE_AUTO(type, free_function)                     \
    static inline void type##_auto_free(struct type **owned) \
    {                                                        \
        free_function(*owned);                               \
    }

/* AUTO_FREE char *path = xstrdup("..."); for anything that free() releases. */
#define AUTO_FREE __attribute__((cleanup(memory_auto_free)))
static inline void memory_auto_free(void *owned)
{
    free(*(void **)owned);
}
