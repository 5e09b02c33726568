/* SPDX-License-Identifier: MIT */
/* The socket on which a server waits for connections. */
#pragma once

#include "base/error.h"

/* address: a literal IPv4 or IPv6 address, "::" for both; port 0: any that is free, into *ret_port.
 * The caller closes *ret_socket. ERR_INVALID: no such address; ERR_IO, ERR_DENIED: the port is
 * taken or not allowed. */
int listener_open(const char *address, int port, int *ret_socket, int *ret_port,
                  struct error *err) MUST_CHECK;
