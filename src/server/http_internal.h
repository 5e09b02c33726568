/* SPDX-License-Identifier: MIT */
/* What http.c and http_reply.c share. */
#pragma once

#include <stdatomic.h>

#include "server/http.h"

struct MHD_Connection;

struct exchange {
    struct http_request request; /* first, so that one is the other */
    struct http *http;
    struct MHD_Connection *mhd;
    struct connection *connection;
    struct exchange *before, *after; /* in the list of streams */
    struct events *stream;           /* the reply's, while it is sent */
    char *target, *body;
    const char *target_end; /* in the library's own text, while the head is read */
    size_t body_size, body_room;
    bool begun, handled;
};

/* Sends x->request.reply. False when the library did not accept it. */
bool http_reply(struct exchange *x);

/* Of http.c: streams in this list are kept alive. */
void http_stream_begin(struct exchange *x);
void http_stream_end(struct exchange *x);
struct connections *http_connections(struct http *http);
bool http_is_quiet(const struct http *http);
