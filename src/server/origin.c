/* SPDX-License-Identifier: MIT */
/* Checks Host and Origin against DNS rebinding and cross-site requests. */
#include "server/origin.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define HOST_MAX 256

/* Copies the name without brackets into ret_name, and returns where the port's digits begin (NULL:
 * none); false when `host` is not NAME or NAME:PORT. */
static bool split_host(const char *host, char ret_name[HOST_MAX], const char **ret_port)
{
    bool brackets = host[0] == '[';
    const char *begin = host + brackets;
    size_t length = strcspn(begin, brackets ? "]" : ":");
    const char *end = begin + length;
    if (length == 0 || length >= HOST_MAX || (brackets && *end++ != ']'))
        return false;
    if (strcspn(begin, "/@\\?# \t") < length)
        return false;
    memcpy(ret_name, begin, length);
    ret_name[length] = '\0';
    *ret_port = NULL;
    if (*end == '\0')
        return true;
    *ret_port = end + 1;
    size_t digits = strspn(end + 1, "0123456789");
    return *end == ':' && digits > 0 && digits <= 5 && end[1 + digits] == '\0';
}

static bool is_address(const char *name)
{
    unsigned char room[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, name, room) == 1 || inet_pton(AF_INET6, name, room) == 1;
}

bool origin_host_is_known(const struct origin_names *names, const char *host)
{
    static const char *const own[] = {"localhost", "127.0.0.1", "::1"};
    char name[HOST_MAX];
    const char *port;
    if (!host || !split_host(host, name, &port))
        return false;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcasecmp(name, own[i]) == 0)
            return true;
    for (size_t i = 0; i < names->count; i++)
        if (strcasecmp(name, names->names[i]) == 0)
            return true;
    return names->any_address && is_address(name);
}

bool origin_is_host(const char *origin, const char *host)
{
    char origin_name[HOST_MAX], host_name[HOST_MAX];
    const char *origin_port, *host_port, *usual;
    if (strncasecmp(origin, "http://", 7) == 0)
        origin += 7, usual = "80";
    else if (strncasecmp(origin, "https://", 8) == 0)
        origin += 8, usual = "443";
    else
        return false;
    if (!host || !split_host(origin, origin_name, &origin_port) ||
        !split_host(host, host_name, &host_port))
        return false;
    return strcasecmp(origin_name, host_name) == 0 &&
           strcmp(origin_port ? origin_port : usual, host_port ? host_port : usual) == 0;
}
