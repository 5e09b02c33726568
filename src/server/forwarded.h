/* SPDX-License-Identifier: MIT */
/* What proxies say about the request that they forward: X-Forwarded-For and Forwarded (RFC 7239).
 * Each proxy appends the address of its own client, so the list is read from the right: the first
 * address that is not a trusted proxy's is the client. Anything further left is the client's own
 * claim. */
#pragma once

#include "server/network.h"

struct forwarded {
    const char *list;     /* all X-Forwarded-For headers, joined by commas; NULL: none */
    const char *standard; /* all Forwarded headers, joined by commas; NULL: none */
};

/* The client of a request that came from `peer`. That is `peer` itself when it is not a trusted
 * proxy, when its headers cannot be parsed, and when the two headers name different clients,
 * because one of them was then forwarded as the client had sent it. */
struct address forwarded_client(const struct network *trusted, size_t count,
                                const struct address *peer, const struct forwarded *headers);

/* Copies the last non-empty value of a list ("a, b" gives "b"), trimmed, into ret_text; false when
 * there is none, or it is longer than size - 1. */
bool forwarded_last(const char *list, char *ret_text, size_t size);
