/* SPDX-License-Identifier: MIT */
/* The socket that the server listens on. */
#pragma once

#include "base/error.h"

/* address: a literal IPv4 or IPv6 address, "::" for both; port 0: any free one, returned in
 * *ret_port. The caller closes *ret_socket. ERR_INVALID: not an address; ERR_IO, ERR_DENIED: the
 * port is in use or not permitted. */
int listener_open(const char *address, int port, int *ret_socket, int *ret_port,
                  struct error *err) MUST_CHECK;
