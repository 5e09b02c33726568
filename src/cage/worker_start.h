/* SPDX-License-Identifier: MIT */
/* Starts the process of a worker. */
#pragma once

#include <sys/types.h>

#include "base/error.h"

/* Executes this program as a worker that inherits nothing but a socket (the caller closes its end,
 * *ret_socket) and the lifeline, and no environment, because that may hold secrets. ERR_IO. */
int worker_start(pid_t *ret_pid, int *ret_socket, struct error *err) MUST_CHECK;
