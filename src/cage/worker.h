/* SPDX-License-Identifier: MIT */
/* The decoding worker: this same program, started again with WORKER_ARGUMENT, in which case the
 * library's constructor (worker.c) never lets main begin. So every program that links the library
 * and decodes, the tests and benchmarks too, is its own worker. */
#pragma once

#define WORKER_ARGUMENT "--decoding-worker"
#define WORKER_SOCKET 3   /* to its owner (wire.h) */
#define WORKER_LIFELINE 4 /* a pipe that nobody writes to: its end is the end of the owner */

/* Keeps the constructor in programs that are linked with a static library. */
void worker_link(void);

/* Only test programs define it: called in the worker, inside the cage, with each file before it is
 * decoded, to do what a codec must not do. */
__attribute__((weak, visibility("default"))) void worker_test_hook(const unsigned char *data,
                                                                   unsigned long size);
