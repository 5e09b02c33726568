/* SPDX-License-Identifier: MIT */
/* The decoding worker: this same program, executed with WORKER_ARGUMENT, upon which the library's
 * constructor (worker.c) never lets main begin. Every program that links the library and decodes is
 * therefore its own worker, tests and benchmarks included. */
#pragma once

#define WORKER_ARGUMENT "--decoding-worker"
#define WORKER_SOCKET 3   /* to its owner (wire.h) */
#define WORKER_LIFELINE 4 /* a pipe that nobody writes to: it ends when the owner ends */

/* Keeps the constructor in programs that link a static library. */
void worker_link(void);

/* Defined only by test programs: called inside the worker with each file before it is decoded, to
 * misbehave as a broken codec would. */
__attribute__((weak, visibility("default"))) void worker_test_hook(const unsigned char *data,
                                                                   unsigned long size);
