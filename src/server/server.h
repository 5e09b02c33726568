/* SPDX-License-Identifier: MIT */
/* The gallery over HTTP: the API of openapi.json, and the page that uses it.
 *
 *     struct server_options options = {.bind = "127.0.0.1", .port = 8420, .gallery = where, ...};
 *     if (server_start(&options, &server, err)) ...
 *     server_stop(server, 20);                     when the program is asked to end
 *
 * Safe by default: only loopback without a secret; requests from other sites' pages are refused;
 * all input has limits. See docs/serve.md. */
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
    const char *bind;              /* an address */
    int port;                      /* 0: any that is free */
    const char *const *host_names; /* further names of this server: of a proxy, of the machine */
    size_t host_name_count;
    const char *gallery; /* as for store_open; must exist */
    struct clip *clip;   /* borrowed */
    const char *model_id;
    struct thumbs *thumbs;      /* borrowed; NULL: no thumbnails */
    const char *const *folders; /* absolute paths that an index run reads; none: no index runs */
    size_t folder_count;
    int index_threads;
    const char *password_hash, *token; /* NULL: none. With neither set, only loopback is allowed */
    bool open; /* anyone who reaches the server may use it without signing in; loopback only. Rules
                  and money still need a secret */
    const char *const *trusted_proxies; /* addresses and networks, as network_parse has them */
    size_t trusted_proxy_count;
    const char *base_path;      /* the path below its host, "/photos"; NULL: "/" */
    double requests_per_second; /* per address; 0: 500, and no limit for this machine */
    size_t connections;         /* at the same time; 0: 1024 */
    struct llm_options llm;     /* the language model that answers questions */
    enum telling ask_facts;     /* the facts sent to it as text, unless a question says otherwise */
    int ask_more;               /* as ask_options.more */
    void (*log)(void *context, const char *sentence); /* reports to the owner; may be NULL */
    void *log_context;
};

/* ERR_INVALID: not an address; an address other than loopback, or host names, without a secret.
 * ERR_IO, ERR_DENIED: the port; errors of the store. The options are copied. */
int server_start(const struct server_options *options, struct server **ret_server,
                 struct error *err) MUST_CHECK;
int server_port(const struct server *server);
/* Accepts no new requests, and finishes those in progress within the given seconds. NULL is fine.
 */
void server_stop(struct server *server, double seconds);

/* Whether an address is a loopback address. */
bool server_is_loopback(const char *bind);

/* The version of libmicrohttpd, such as "0.9.75". */
const char *server_engine_version(void);
