/* SPDX-License-Identifier: MIT */
/* Loops over the cores, on the same threads that oneDNN uses.
 *
 * oneDNN of the distributions runs on libgomp, whose threads wait actively for a while after each
 * parallel region; threads of our own beside them would have to share cores with that waiting. With
 * threads == 1 libgomp is not used at all (it confuses ThreadSanitizer). */
#pragma once

#include <stddef.h>

int parallel_processors(void);

/* Parallel regions started by the calling thread from now on, oneDNN's included, use this many, or
 * as many as the system gives. */
void parallel_set_threads(int threads);

/* Runs task(context, i) for every i in [0, n) at once, each on a thread of its own, which ends with
 * it; the first is the calling thread. For work that needs no waiting for each other on the way:
 * where other programs or threads want the cores too, that is several times faster than many short
 * parallel regions, whose every end waits for the slowest thread. */
typedef void parallel_lane(void *context, int lane);
void parallel_lanes(int n, parallel_lane *task, void *context);

/* `worker` is in [0, threads). */
typedef void parallel_task(void *context, size_t index, int worker);

/* Runs task for every index in [0, n), each worker a contiguous share of them. */
void parallel_for(int threads, size_t n, parallel_task *task, void *context);
