/* SPDX-License-Identifier: MIT */
/* Opens the socket that the server listens on. */
#include "server/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

union address {
    struct sockaddr any;
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;
};

static int parse_address(const char *text, int port, union address *ret_address, struct error *err)
{
    *ret_address = (union address){.in6 = {0}};
    if (inet_pton(AF_INET, text, &ret_address->in4.sin_addr) == 1) {
        ret_address->in4.sin_family = AF_INET;
        ret_address->in4.sin_port = htons((uint16_t)port);
        return 0;
    }
    if (inet_pton(AF_INET6, text, &ret_address->in6.sin6_addr) == 1) {
        ret_address->in6.sin6_family = AF_INET6;
        ret_address->in6.sin6_port = htons((uint16_t)port);
        return 0;
    }
    return error_set(err, ERR_INVALID,
                     "invalid address %s: give an address such as 127.0.0.1 or ::1", text);
}

static socklen_t size_of(const union address *address)
{
    return address->any.sa_family == AF_INET ? sizeof address->in4 : sizeof address->in6;
}

/* On failure errno is set. A port that another server has just left may be reused immediately. */
static bool listen_on(int socket, union address *address)
{
    int on = 1, off = 0;
    socklen_t size = size_of(address);
    if (setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        return false;
    if (address->any.sa_family == AF_INET6 &&
        setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) < 0)
        return false;
    return bind(socket, &address->any, size) == 0 && listen(socket, BACKLOG) == 0 &&
           getsockname(socket, &address->any, &size) == 0;
}

int listener_open(const char *address, int port, int *ret_socket, int *ret_port, struct error *err)
{
    union address at;
    int rc = parse_address(address, port, &at, err);
    if (rc)
        return rc;
    int made = socket(at.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (made >= 0 && listen_on(made, &at)) {
        *ret_socket = made;
        *ret_port = ntohs(at.any.sa_family == AF_INET ? at.in4.sin_port : at.in6.sin6_port);
        return 0;
    }
    int number = errno;
    if (made >= 0)
        close(made);
    if (number == EADDRINUSE)
        return error_set(
            err, ERR_IO,
            "port %d of %s is in use: give another port with --port, or stop the program that "
            "uses it",
            port, address);
    return error_errno(err, number, "cannot listen on port %d of %s", port, address);
}
