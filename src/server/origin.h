/* SPDX-License-Identifier: MIT */
/* Decides which browsers' requests are accepted, by the server's names and the page's origin. With
 * DNS rebinding, a foreign name resolves to this server, so Host must be a known name. Pages of
 * other sites can send requests here, so Origin must be this server. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct origin_names {
    const char *const *names; /* host names and addresses of this server, without port */
    size_t count;
    bool any_address; /* bound to all addresses of the machine: every literal IP address is
                         accepted, because it needs no DNS */
};

/* Whether a Host header ("localhost:8420", "[::1]:8420", "photos.example") is one of them, or
 * localhost, 127.0.0.1, [::1]. Case does not matter. */
bool origin_host_is_known(const struct origin_names *names, const char *host);

/* Whether an Origin header ("http://localhost:8420") means the same server as `host`, with or
 * without the default port (80 of http, 443 of https). "null" never does. */
bool origin_is_host(const char *origin, const char *host);
