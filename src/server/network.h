/* SPDX-License-Identifier: MIT */
/* Addresses and their networks: the unit of rate limits, and trusted proxies. An IPv4 address is a
 * unit of its own, also when written as IPv6 ("::ffff:192.0.2.7"); an IPv6 address counts by its
 * first 64 bits, because a household or rented machine has that many addresses. */
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
/* The network that the address counts for: "192.0.2.7" or "2001:db8:1:2::/64". */
void address_network(const struct address *address, char ret_name[NETWORK_NAME_SIZE]);
bool address_is_loopback(const struct address *address);

struct network {
    struct in6_addr bytes;
    int bits; /* of 128 */
};

/* "ADDRESS" or "ADDRESS/LENGTH". ERR_INVALID. */
int network_parse(const char *text, struct network *ret_network, struct error *err) MUST_CHECK;
bool network_has(const struct network *networks, size_t count, const struct address *address);
