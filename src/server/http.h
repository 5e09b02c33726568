/* SPDX-License-Identifier: MIT */
/* Hides libmicrohttpd behind connections, requests and replies; only http.c and http_reply.c
 * include it.
 *
 * A few threads read and write sockets (epoll) and never block on anything else. Work that takes
 * longer than a few microseconds is done by other threads: such a request is suspended (`later`)
 * until http_finish resumes it.
 *
 *     request headers -> begin() -> body, if begin lets it in -> handle() -> reply -> end() */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "server/connections.h"
#include "server/response.h"

struct http;

struct http_request {
    const char *method;  /* "GET"; a HEAD is a GET whose body is not sent */
    const char *target;  /* "/api/v1/search?q=dog", as it came */
    const char *address; /* "192.0.2.7" */
    bool loopback;
    bool malformed; /* another server could parse its head differently: do not trust any of it */
    int64_t content_length; /* of the body; 0: none; -1: chunked, length unknown */
    const char *body;       /* in handle(): content_length bytes and a NUL */
    struct response reply;
    /* For begin() to set. */
    bool later; /* handle() is called while the request is suspended; any thread calls http_finish
                   when the reply is complete */
    void *context; /* for the caller of begin(): available in handle() and end() */
};

/* The value of a header, or NULL. Borrowed until end(). */
const char *http_header(const struct http_request *request, const char *name);
/* All values of a name, joined by ", ", for the caller to free; NULL when there is none. */
char *http_header_list(const struct http_request *request, const char *name);
/* The number of headers of a name. */
size_t http_header_count(const struct http_request *request, const char *name);

struct http_handlers {
    void *context;
    /* The headers have arrived. Filling the reply refuses the body and closes the connection. */
    void (*begin)(void *context, struct http_request *request);
    /* The body has arrived. Fills the reply, either now or (later) before http_finish. */
    void (*handle)(void *context, struct http_request *request);
    /* It is over, however it ended. request->reply.status is 0 when nothing was sent. */
    void (*end)(void *context, struct http_request *request);
};

struct http_options {
    const char *bind;                /* a literal IPv4 or IPv6 address */
    int port;                        /* 0: any that is free */
    int threads;                     /* for sockets; 0: 2 */
    struct connections *connections; /* borrowed: all there are will be in it */
    size_t most;                     /* of them, see connections_limits */
    struct http_handlers handlers;
};

/* ERR_INVALID: no such address; ERR_IO, ERR_DENIED: the port is taken or not allowed. */
int http_start(const struct http_options *options, struct http **ret_http,
               struct error *err) MUST_CHECK;
int http_port(const struct http *http);

/* Sends the reply of a request that rests. */
void http_finish(struct http_request *request);

/* No new connections; those there are get "Connection: close". */
void http_quiesce(struct http *http);
/* Waits at most `seconds` until no request is in progress; returns whether that is so. */
bool http_wait(struct http *http, double seconds);
/* No request may rest any more, and every stream must be closed. NULL is fine. */
void http_stop(struct http *http);
