/* SPDX-License-Identifier: MIT */
/* The gallery over HTTP: the API of openapi.json, and the page that uses it.
 *
 *     struct server_options options = {.bind = "127.0.0.1", .port = 8420, .gallery = where, ...};
 *     if (server_start(&options, &server, err)) ...
 *     server_stop(server, 20);                     when the program is asked to end
 *
 * Safe by default: only loopback without a secret; requests from other sites' pages are refused;
 * everything that comes in has a limit. See docs/serve.md. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ask/telling.h"
#include "base/error.h"
#include "clip/clip.h"
#include "llm/llm.h"
#include "thumbs/thumbs.h"

struct server;

struct server_options {
    const char *bind; /* an address */
    int port;         /* 0: any that is free */
    const char *const
        *host_names; /* further names this server goes by: of a proxy, of the machine */
    size_t host_name_count;
    const char *gallery; /* as store_open has it; must be there */
    struct clip *clip;   /* borrowed */
    const char *model_id;
    struct thumbs *thumbs;      /* borrowed; NULL: there are no small pictures */
    const char *const *folders; /* absolute: what an index run reads; none: there are no runs */
    size_t folder_count;
    int index_threads;
    const char *password_hash, *token; /* NULL: none. Both NULL: only for loopback */
    bool open; /* everybody who reaches the server may use it: only for loopback. What is its
                  owner's alone needs a secret still */
    const char *const *trusted_proxies; /* addresses and networks, as network_parse has them */
    size_t trusted_proxy_count;
    const char *base_path;      /* where it is below its host, "/photos"; NULL: at "/" */
    double requests_per_second; /* of one address; 0: 500, and any number of this machine's own */
    size_t connections;         /* at once; 0: 1024 */
    struct llm_options llm;     /* who answers questions */
    enum telling ask_facts;     /* that go to it as text, unless a question says otherwise */
    int ask_more;               /* as ask_options.more */
    void (*log)(void *context, const char *sentence); /* what its owner should know; may be NULL */
    void *log_context;
};

/* ERR_INVALID: an address that is none; an address other than loopback, or names of a host, without
 * a secret. ERR_IO, ERR_DENIED: the port; errors of the store. The options are copied. */
int server_start(const struct server_options *options, struct server **ret_server,
                 struct error *err) MUST_CHECK;
int server_port(const struct server *server);
/* No new requests; those in hand are finished, so many seconds at most. NULL is fine. */
void server_stop(struct server *server, double seconds);

/* Whether an address is this machine's own only. */
bool server_is_loopback(const char *bind);

/* The version of libmicrohttpd, such as "0.9.75". */
const char *server_engine_version(void);
