/* SPDX-License-Identifier: MIT */
/* Server-sent events: the same events whatever the pieces. The first byte is the size of the pieces
 * that are compared with the whole. */
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "llm/sse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_event(void *context, const char *event, const char *data, size_t size,
                    struct error *err)
{
    struct strbuf *all = context;
    if (data[size] != '\0')
        __builtin_trap();
    return strbuf_addf(all, err, "%s %zu ", event ? event : "-", size) ||
           strbuf_add(all, data, size, err);
}

static char *read_in(const char *bytes, size_t size, size_t step, size_t *ret_length)
{
    struct strbuf all = STRBUF_INIT(1 << 24);
    struct sse sse;
    sse_init(&sse, on_event, NULL, &all);
    for (size_t at = 0; at < size; at += step) {
        size_t n = step < size - at ? step : size - at;
        char *piece = memcpy(xmalloc(n), bytes + at, n);
        int rc = sse_feed(&sse, piece, n, NULL);
        free(piece);
        if (rc)
            __builtin_trap(); /* inputs are far below every limit */
    }
    sse_release(&sse);
    *ret_length = all.length;
    return strbuf_take(&all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n, m;
    if (size < 2 || size > 1 << 16)
        return 0;
    const char *bytes = (const char *)data + 1;
    AUTO_FREE char *whole = read_in(bytes, size - 1, size - 1, &n);
    AUTO_FREE char *pieces = read_in(bytes, size - 1, data[0] ? data[0] : 1, &m);
    if (n != m || memcmp(whole, pieces, n) != 0)
        __builtin_trap();
    return 0;
}
