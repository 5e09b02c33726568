/* SPDX-License-Identifier: MIT */
/* Starting threads: one sentence for when the system has no more of them. Whoever starts one joins
 * it. */
#pragma once

#include <pthread.h>

#include "base/error.h"

/* ERR_LIMIT: the system gives this program no further thread (ulimit -u, a container's pids, no
 * memory for a stack). *ret_thread is written before the thread can be waited for, but maybe after
 * it began to run: what both sides look at is set before, or guarded by a mutex. */
int thread_start(pthread_t *ret_thread, void *(*thread_main)(void *context), void *context,
                 struct error *err) MUST_CHECK;

/* Loads the library that glibc needs when a thread ends by pthread_exit, as those of OpenMP do. It
 * is loaded by the first such end otherwise, and where no memory is left by then, glibc aborts the
 * program. To be called once, before there are threads. */
void thread_load_unwinder(void);
