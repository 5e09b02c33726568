/* SPDX-License-Identifier: MIT */
/* Sends replies and streams through libmicrohttpd. */
#include <microhttpd.h>
#include <string.h>

#include "base/memory.h"
#include "server/http_internal.h"

#define STREAM_BLOCK_BYTES 4096

static void stream_sleep(void *context)
{
    struct exchange *x = context;
    MHD_suspend_connection(x->mhd);
}

static void stream_wake(void *context)
{
    struct exchange *x = context;
    MHD_resume_connection(x->mhd);
}

static ssize_t stream_read(void *context, uint64_t position, char *ret_data, size_t size)
{
    struct exchange *x = context;
    (void)position;
    long n = events_read(x->stream, ret_data, size);
    return n == EVENTS_END ? MHD_CONTENT_READER_END_OF_STREAM : n;
}

/* The body's memory, file or stream belongs to the library afterwards. */
static struct MHD_Response *make_response(struct exchange *x)
{
    struct response *r = &x->request.reply;
    void *data = (void *)(uintptr_t)r->data;
    enum response_body body = r->body;
    r->body = BODY_NONE;
    switch (body) {
    case BODY_MEMORY:
        return MHD_create_response_from_buffer(r->size, data, MHD_RESPMEM_MUST_FREE);
    case BODY_FILE:
        return MHD_create_response_from_fd_at_offset64(r->size, r->fd, r->offset);
    case BODY_EVENTS:
        x->stream = r->events;
        events_attach(x->stream, stream_sleep, stream_wake, x);
        http_stream_begin(x);
        return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, stream_read,
                                                 x, NULL);
    default:
        return MHD_create_response_from_buffer(r->size, data, MHD_RESPMEM_PERSISTENT);
    }
}

bool http_reply(struct exchange *x)
{
    const struct response *r = &x->request.reply;
    uint64_t size = r->size;
    bool stream = r->body == BODY_EVENTS;
    struct MHD_Response *response = make_response(x);
    if (!response)
        return false;
    for (size_t i = 0; i < r->header_count; i++)
        MHD_add_response_header(response, r->headers[i].name, r->headers[i].value);
    if (http_is_quiet(x->http))
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    if (stream)
        connections_working(http_connections(x->http), x->connection);
    else
        connections_sending(http_connections(x->http), x->connection, size);
    bool queued = MHD_queue_response(x->mhd, (unsigned)r->status, response) == MHD_YES;
    MHD_destroy_response(response);
    return queued;
}
