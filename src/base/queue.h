/* SPDX-License-Identifier: MIT */
/* A bounded blocking queue of pointers between threads.
 *
 *     producer: while (have work) if (!queue_push(q, item)) break;     then queue_finish(q)
 *     consumer: while ((item = queue_pop(q)))  ...                      NULL: finished and empty
 *
 * queue_cancel wakes everyone: pushes are refused and pops return NULL immediately; queue_drain
 * returns the items that are left. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"

struct queue;

struct queue *queue_new(size_t capacity);
void queue_free(struct queue *q); /* must be empty and unused; NULL is fine */

/* Blocks while the queue is full. False when it was finished or cancelled: the caller still owns
 * the item. */
bool queue_push(struct queue *q, void *item);
/* Blocks while the queue is empty; NULL when it is finished and empty, or cancelled. */
void *queue_pop(struct queue *q);
/* As queue_pop, with a time limit. When it returns NULL, *ret_open tells whether more items may
 * come. */
void *queue_pop_for(struct queue *q, double seconds, bool *ret_open);
void queue_finish(struct queue *q); /* no more pushes; pops drain the queue */
void queue_cancel(struct queue *q);
/* After finish or cancel: the next item left inside, or NULL. */
void *queue_drain(struct queue *q);
size_t queue_length(struct queue *q);
DEFINE_AUTO(queue, queue_free)
