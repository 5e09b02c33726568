/* SPDX-License-Identifier: MIT */
/* Starts the process of a worker. */
#pragma once

#include <sys/types.h>

#include "base/error.h"

/* This program again, as a worker, with nothing of ours but a socket (the caller's end of it is
 * *ret_socket, to close) and the lifeline; without our environment, where secrets may be. ERR_IO.
 */
int worker_start(pid_t *ret_pid, int *ret_socket, struct error *err) MUST_CHECK;
