/* SPDX-License-Identifier: MIT */
/* The server's state, shared by its files. */
#pragma once

#include <stdatomic.h>

#include "clip/clip.h"
#include "server/auth.h"
#include "server/call.h"
#include "server/client.h"
#include "server/http.h"
#include "server/metrics.h"
#include "server/origin.h"
#include "server/server.h"
#include "server/sign_ins.h"
#include "server/throttle.h"
#include "server/workers.h"

struct indexing;
struct filling;
struct asks;

struct server {
    struct server_options options; /* the strings are copies */
    struct connections *connections;
    struct http *http; /* set when requests may come in; not for handlers */
    struct workers *workers;
    struct auth *auth;
    struct sign_ins *sign_ins;
    struct client_rules client_rules;
    struct throttle *requests; /* NULL: no limit */
    struct origin_names names;
    struct metrics *metrics;
    struct indexing *indexing;
    struct filling *filling; /* NULL: none is needed */
    struct asks *asks;
    atomic_size_t reserved; /* bytes of bodies in transit */
    double patience_until;  /* clock_seconds; written before `stopping` is set */
    atomic_bool stopping;
};

/* For store_options.cancelled: whether waiting for a gallery would delay the server's stop for too
 * long. `context` is the struct server. */
bool server_is_impatient(void *context);

void server_log(const struct server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
