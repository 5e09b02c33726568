/* SPDX-License-Identifier: MIT */
/* Addresses and the networks they belong to: who is counted as one, and which proxies are trusted.
 *
 * An IPv4 address counts by itself, also when it is written as IPv6 ("::ffff:192.0.2.7"); an IPv6
 * address counts by its first 64 bits, as a household or a rented machine has that many of them. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define NETWORK_NAME_SIZE (INET6_ADDRSTRLEN + 4)

struct address {
    struct in6_addr bytes; /* IPv4 as ::ffff:a.b.c.d */
};

/* "192.0.2.7", "2001:db8::1"; nothing else. */
bool address_parse(const char *text, struct address *ret_address);
/* "192.0.2.7" for IPv4 in either form. */
void address_name(const struct address *address, char ret_name[INET6_ADDRSTRLEN]);
/* What the address is counted by: "192.0.2.7" or "2001:db8:1:2::/64". */
void address_network(const struct address *address, char ret_name[NETWORK_NAME_SIZE]);
bool address_is_loopback(const struct address *address);

struct network {
    struct in6_addr bytes;
    int bits; /* of 128 */
};

/* "ADDRESS" or "ADDRESS/LENGTH". ERR_INVALID with a sentence. */
int network_parse(const char *text, struct network *ret_network, struct error *err) MUST_CHECK;
bool network_has(const struct network *networks, size_t count, const struct address *address);
