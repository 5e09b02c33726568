/* SPDX-License-Identifier: MIT */
/* Where a request comes from, and under which name and path it reached this server: from the
 * connection, and from the headers of trusted proxies. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "server/http.h"
#include "server/network.h"

#define CLIENT_HOST_SIZE 264
#define CLIENT_PREFIX_SIZE 128

/* How this server was configured for proxies in front of it. */
struct client_rules {
    struct network *trusted;
    size_t trusted_count;
    char *base_path; /* "/photos", or "" */
};

struct client {
    char address[INET6_ADDRSTRLEN];
    char network[NETWORK_NAME_SIZE];  /* the network that its requests are counted by */
    bool loopback;                    /* a program on this machine, without a proxy between */
    bool tls;                         /* the browser reached a trusted proxy by TLS */
    char host[CLIENT_HOST_SIZE];      /* the host name as the browser knows it; "": unknown */
    char sent_host[CLIENT_HOST_SIZE]; /* Host as it arrived here */
    char base[CLIENT_PREFIX_SIZE];    /* the path of this server below its host: "/photos", or "" */
};

/* Copies the strings of proxies and the path. ERR_INVALID: a proxy that is no address or network,
 * or a path that is not a plain one ("/photos", without "..", blanks and characters that need an
 * escape). */
int client_rules_init(struct client_rules *ret_rules, const char *const *proxies, size_t count,
                      const char *base_path, struct error *err) MUST_CHECK;
void client_rules_release(struct client_rules *rules);

/* False when a Host or prefix is longer than any valid name. */
bool client_read(const struct client_rules *rules, const struct http_request *request,
                 struct client *ret_client);

/* The target without this server's base path, whether or not the proxy removed it: "/photos/?q=dog"
 * becomes "/?q=dog". NULL when the target is the base path without its slash; the client is then
 * redirected to the one with a slash. */
const char *client_target(const struct client *client, const char *target);
