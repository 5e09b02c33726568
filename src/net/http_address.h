/* SPDX-License-Identifier: MIT */
/* Parses the address of a server, as a person writes it, and checks whether data may be sent
 * there. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

struct http_address {
    char host[256]; /* without port and brackets */
    bool loopback;  /* this machine: localhost, 127.0.0.0/8, ::1 */
    bool plain;     /* another machine, unencrypted, with the owner's consent */
};

/* Accepts "https://host[:port][/path]", and "http://..." only for this machine and for the hosts
 * listed in `plain_hosts`, which blanks or commas separate (NULL: none). ERR_INVALID, naming the
 * address's source `where`, for everything else; the message does not repeat the address, which
 * may contain a password. */
int http_read_address(const char *url, const char *where, const char *plain_hosts,
                      struct http_address *ret_address, struct error *err) MUST_CHECK;
