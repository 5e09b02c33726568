/* SPDX-License-Identifier: MIT */
/* What proxies say about the request that they pass on: X-Forwarded-For, Forwarded (RFC 7239).
 *
 * Each proxy adds the address it was asked from at the end, so the list is read from the right: the
 * first address that is no trusted proxy's is the client. What stands further left is the client's
 * own word. */
#pragma once

#include "server/network.h"

struct forwarded {
    const char *list;     /* all X-Forwarded-For headers, joined by commas; NULL: none */
    const char *standard; /* all Forwarded headers, joined by commas; NULL: none */
};

/* The client of a request that came from `peer`. That is the peer itself when it is no trusted
 * proxy, when it says nothing that can be read, and when the two headers name different clients:
 * one of them was then passed on as the client had sent it. */
struct address forwarded_client(const struct network *trusted, size_t count,
                                const struct address *peer, const struct forwarded *headers);

/* The last value of a list that is not empty ("a, b" gives "b"), without blanks around it, into
 * ret_text; false when there is none, or it is longer than size - 1. */
bool forwarded_last(const char *list, char *ret_text, size_t size);
