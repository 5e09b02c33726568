/* SPDX-License-Identifier: MIT */
/* A bounded blocking queue of pointers between threads.
 *
 *     producer: while (have work) if (!queue_push(q, item)) break;     then queue_finish(q)
 *     consumer: while ((item = queue_pop(q)))  ...                      NULL: finished and empty
 *
 * queue_cancel wakes everyone: pushes are refused and pops return NULL at once; what is still
 * inside is given back by queue_drain. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

struct queue;

struct queue *queue_new(size_t capacity);
void queue_free(struct queue *q); /* must be empty and unused; NULL is fine */

/* Waits while full. False when the queue was finished or cancelled: the item is still the caller's.
 */
bool queue_push(struct queue *q, void *item);
/* Waits while empty; NULL when finished and empty, or cancelled. */
void *queue_pop(struct queue *q);
/* As queue_pop, but waits at most so long; when NULL, *ret_open is true while more may come. */
void *queue_pop_for(struct queue *q, double seconds, bool *ret_open);
void queue_finish(struct queue *q); /* no more pushes; pops empty it */
void queue_cancel(struct queue *q);
/* After finish or cancel: the next item left inside, or NULL. */
void *queue_drain(struct queue *q);
size_t queue_length(struct queue *q);
DEFINE_AUTO(queue, queue_free)
