/* SPDX-License-Identifier: MIT */
/* Starts threads, with one error for a system that has no more of them. The code that starts a
 * thread joins it. */
#pragma once

#include <pthread.h>

#include "base/error.h"

/* ERR_LIMIT: the system gives this program no further thread (ulimit -u, a container's pids limit,
 * no memory for a stack). *ret_thread may be written after the new thread began to run: data that
 * both sides read must be set before the call, or be guarded by a mutex. */
int thread_start(pthread_t *ret_thread, void *(*thread_main)(void *context), void *context,
                 struct error *err) MUST_CHECK;

/* Loads the library that glibc needs when a thread ends by pthread_exit, as those of OpenMP do.
 * Otherwise the first such end loads it, and glibc aborts the program if there is no memory left.
 * Call this once, before there are threads. */
void thread_load_unwinder(void);
