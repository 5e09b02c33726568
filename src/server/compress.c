/* SPDX-License-Identifier: MIT */
/* Compresses replies with zlib. */
#include "server/compress.h"

#include <string.h>
#include <zlib.h>

#include "base/memory.h"
#include "server/headers.h"

#define WORTH_BYTES 1024
#define MOST_BYTES ((size_t)64 << 20)
#define LEVEL 5
#define GZIP_WINDOW (15 + 16) /* largest window, gzip format */

static bool is_compressible(const struct call *call)
{
    const struct response *r = call->reply;
    const char *type = response_header(r, "Content-Type");
    return r->status == 200 && (r->body == BODY_MEMORY || r->body == BODY_BORROWED) && type &&
           (media_type_is(type, "application/json") || media_type_is(type, "text/plain")) &&
           strcmp(call->request->method, "GET") == 0 && !response_header(r, "Content-Encoding") &&
           !response_header(r, "Set-Cookie");
}

/* NULL when the result would not be smaller. */
static void *gzip_bytes(const void *data, size_t size, size_t *ret_size)
{
    z_stream z = {.next_in = (void *)(uintptr_t)data, .avail_in = (uInt)size};
    if (deflateInit2(&z, LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    void *room = xmalloc(size);
    z.next_out = room;
    z.avail_out = (uInt)size;
    int rc = deflate(&z, Z_FINISH);
    *ret_size = z.total_out;
    deflateEnd(&z);
    if (rc == Z_STREAM_END)
        return room;
    free(room);
    return NULL;
}

void compress_reply(struct call *call)
{
    struct response *r = call->reply;
    if (!is_compressible(call))
        return;
    respond_header(r, "Vary", "Accept-Encoding");
    if (r->size < WORTH_BYTES || r->size > MOST_BYTES ||
        !accepts_gzip(http_header(call->request, "Accept-Encoding")))
        return;
    size_t size;
    void *data = gzip_bytes(r->data, r->size, &size);
    if (!data)
        return;
    AUTO_FREE char *type = xstrdup(response_header(r, "Content-Type"));
    const char *tag = response_header(r, "ETag");
    AUTO_FREE char *weak =
        tag ? xasprintf("W/%s", tag) : NULL; /* a weak tag: same content, other bytes */
    respond_memory(r, 200, type, data, size);
    respond_header(r, "Content-Encoding", "gzip");
    if (weak)
        respond_header(r, "ETag", "%s", weak);
}
