/* SPDX-License-Identifier: MIT */
/* Who may talk to this server from a browser: names it goes by, and pages that came from it.
 *
 * DNS rebinding makes a stranger's name lead here, so the Host must be a name that is known. A page
 * of another site can send requests here, so their Origin must be this very server. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct origin_names {
    const char *const *names; /* host names and addresses this server goes by, without port */
    size_t count;
    bool any_address; /* bound to all addresses of the machine: every literal IP address is good, as
                         no DNS is asked for those */
};

/* Whether a Host header ("localhost:8420", "[::1]:8420", "photos.example") is one of them, or
 * localhost, 127.0.0.1, [::1]. Case does not matter. */
bool origin_host_is_known(const struct origin_names *names, const char *host);

/* Whether an Origin header ("http://localhost:8420") means the same server as `host`, a default
 * port (80 of http, 443 of https) written or not. "null" means none. */
bool origin_is_host(const char *origin, const char *host);
