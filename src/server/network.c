/* SPDX-License-Identifier: MIT */
/* Parses addresses into one form, and networks as prefixes of it. */
#include "server/network.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define V4_PREFIX_BITS 96
#define COUNTED_BITS 64

static void map_v4(const struct in_addr *v4, struct in6_addr *ret_bytes)
{
    *ret_bytes = (struct in6_addr){.s6_addr = {[10] = 0xFF, [11] = 0xFF}};
    memcpy(ret_bytes->s6_addr + 12, v4, 4);
}

bool address_parse(const char *text, struct address *ret_address)
{
    struct in_addr v4;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        map_v4(&v4, &ret_address->bytes);
        return true;
    }
    return inet_pton(AF_INET6, text, &ret_address->bytes) == 1;
}

void address_name(const struct address *address, char ret_name[INET6_ADDRSTRLEN])
{
    const struct in6_addr *bytes = &address->bytes;
    if (IN6_IS_ADDR_V4MAPPED(bytes))
        inet_ntop(AF_INET, bytes->s6_addr + 12, ret_name, INET6_ADDRSTRLEN);
    else
        inet_ntop(AF_INET6, bytes, ret_name, INET6_ADDRSTRLEN);
}

void address_network(const struct address *address, char ret_name[NETWORK_NAME_SIZE])
{
    struct in6_addr prefix = address->bytes;
    if (IN6_IS_ADDR_V4MAPPED(&prefix)) {
        address_name(address, ret_name);
        return;
    }
    memset(prefix.s6_addr + COUNTED_BITS / 8, 0, sizeof prefix - COUNTED_BITS / 8);
    char name[INET6_ADDRSTRLEN];
    inet_ntop(AF_INET6, &prefix, name, sizeof name);
    snprintf(ret_name, NETWORK_NAME_SIZE, "%s/%d", name, COUNTED_BITS);
}

bool address_is_loopback(const struct address *address)
{
    const struct in6_addr *bytes = &address->bytes;
    return IN6_IS_ADDR_LOOPBACK(bytes) ||
           (IN6_IS_ADDR_V4MAPPED(bytes) && bytes->s6_addr[12] == 127);
}

static bool parse_length(const char *text, int most, int *ret_length)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 3 || text[digits])
        return false;
    *ret_length = (int)strtol(text, NULL, 10);
    return *ret_length <= most;
}

int network_parse(const char *text, struct network *ret_network, struct error *err)
{
    char name[INET6_ADDRSTRLEN];
    struct address address;
    size_t length = strcspn(text, "/");
    bool good = length < sizeof name;
    if (good) {
        memcpy(name, text, length);
        name[length] = '\0';
        good = address_parse(name, &address);
    }
    bool v4 = good && !strchr(name, ':');
    int bits = v4 ? 32 : 128;
    if (good && text[length] == '/')
        good = parse_length(text + length + 1, bits, &bits);
    if (!good)
        return error_set(err, ERR_INVALID,
                         "invalid address or network %s: write it as 127.0.0.1, 10.0.0.0/8 or "
                         "fd00::/8",
                         text);
    *ret_network = (struct network){address.bytes, v4 ? V4_PREFIX_BITS + bits : bits};
    return 0;
}

static bool has_prefix(const struct in6_addr *bytes, const struct network *network)
{
    size_t whole = (size_t)network->bits / 8;
    int rest = network->bits % 8;
    if (memcmp(bytes, &network->bytes, whole) != 0)
        return false;
    return rest == 0 || (bytes->s6_addr[whole] ^ network->bytes.s6_addr[whole]) >> (8 - rest) == 0;
}

bool network_has(const struct network *networks, size_t count, const struct address *address)
{
    for (size_t i = 0; i < count; i++)
        if (has_prefix(&address->bytes, &networks[i]))
            return true;
    return false;
}
