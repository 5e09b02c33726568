/* SPDX-License-Identifier: MIT */
/* Whom a request comes from, and by which name and path it reached this server: what the connection
 * says, and what trusted proxies say of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "server/http.h"
#include "server/network.h"

#define CLIENT_HOST_SIZE 264
#define CLIENT_PREFIX_SIZE 128

/* What this server was told about the proxies in front of it. */
struct client_rules {
    struct network *trusted;
    size_t trusted_count;
    char *base_path; /* "/photos", or "" */
};

struct client {
    char address[INET6_ADDRSTRLEN];
    char network[NETWORK_NAME_SIZE];  /* what its turns are counted by */
    bool loopback;                    /* a program of this machine, without a proxy between */
    bool tls;                         /* a trusted proxy was reached by TLS */
    char host[CLIENT_HOST_SIZE];      /* as the browser knows this server; "": not said */
    char sent_host[CLIENT_HOST_SIZE]; /* Host as it arrived here */
    char base[CLIENT_PREFIX_SIZE];    /* where this server is below its host: "/photos", or "" */
};

/* The strings of proxies and the path are copied. ERR_INVALID: a proxy that is no address, or a
 * path that is none ("/photos", without "..", blanks and other characters that need an escape). */
int client_rules_init(struct client_rules *ret_rules, const char *const *proxies, size_t count,
                      const char *base_path, struct error *err) MUST_CHECK;
void client_rules_release(struct client_rules *rules);

/* False when it has a Host or prefix that is longer than any name. */
bool client_read(const struct client_rules *rules, const struct http_request *request,
                 struct client *ret_client);

/* The target without the path that this server lives under, whether the proxy took it off or not:
 * "/photos/?q=dog" becomes "/?q=dog". NULL when the target is that path without its slash, which
 * leads to the same with one. */
const char *client_target(const struct client *client, const char *target);
