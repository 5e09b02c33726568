/* SPDX-License-Identifier: MIT */
/* Loops over the cores, on the same threads that oneDNN uses.
 *
 * oneDNN of the distributions runs on libgomp, whose threads spin for a while after each parallel
 * region; threads of our own would compete with the spinning ones for cores. With threads == 1
 * libgomp is not used at all (it confuses ThreadSanitizer). */
#pragma once

#include <stddef.h>

int parallel_processors(void);

/* Parallel regions that the calling thread starts from now on, oneDNN's included, use this many
 * threads, or as many as the system gives. */
void parallel_set_threads(int threads);

/* Runs task(context, i) for every i in [0, n) concurrently, each on a thread of its own that ends
 * with it; the first runs on the calling thread. For work without barriers: on a busy machine this
 * is several times faster than many short parallel regions, each of which ends in a barrier. */
typedef void parallel_thread_task(void *context, int index);
void parallel_threads(int n, parallel_thread_task *task, void *context);

/* `worker` is in [0, threads). */
typedef void parallel_task(void *context, size_t index, int worker);

/* Runs task for every index in [0, n); each worker takes a contiguous range. */
void parallel_for(int threads, size_t n, parallel_task *task, void *context);
