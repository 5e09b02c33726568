/* SPDX-License-Identifier: MIT */
/* The address of a server, as a person gives it, and what may be sent there. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

struct http_address {
    char host[256]; /* without port and brackets */
    bool loopback;  /* this machine: localhost, 127.0.0.0/8, ::1 */
    bool plain;     /* another one, unencrypted, by the owner's consent */
};

/* Takes "https://host[:port][/path]", and "http://..." only for this machine and for the hosts that
 * `plain_hosts` names, parted by blanks or commas (NULL: none). ERR_INVALID, naming `where` the
 * address came from, for everything else; the address itself is not repeated (it may hold a
 * password). */
int http_read_address(const char *url, const char *where, const char *plain_hosts,
                      struct http_address *ret_address, struct error *err) MUST_CHECK;
