/* SPDX-License-Identifier: MIT */
/* A bounded blocking queue of pointers between threads. */
#include "base/queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <time.h>

enum state { OPEN, FINISHED, CANCELLED };

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t not_full, not_empty;
    enum state state;
    size_t first, length, capacity;
    void *items[]; /* a ring buffer of `capacity` */
};

struct queue *queue_new(size_t capacity)
{
    struct queue *q = xcalloc(1, sizeof *q + capacity * sizeof *q->items);
    q->capacity = capacity;
    pthread_mutex_init(&q->lock, NULL);
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&q->not_full, &steady);
    pthread_cond_init(&q->not_empty, &steady);
    pthread_condattr_destroy(&steady);
    return q;
}

void queue_free(struct queue *q)
{
    if (!q)
        return;
    pthread_mutex_destroy(&q->lock);
    pthread_cond_destroy(&q->not_full);
    pthread_cond_destroy(&q->not_empty);
    free(q);
}

bool queue_push(struct queue *q, void *item)
{
    pthread_mutex_lock(&q->lock);
    while (q->state == OPEN && q->length == q->capacity)
        pthread_cond_wait(&q->not_full, &q->lock);
    bool open = q->state == OPEN;
    if (open) {
        q->items[(q->first + q->length) % q->capacity] = item;
        q->length++;
        pthread_cond_signal(&q->not_empty);
    }
    pthread_mutex_unlock(&q->lock);
    return open;
}

static void *take_first(struct queue *q)
{
    void *item = q->items[q->first];
    q->first = (q->first + 1) % q->capacity;
    q->length--;
    pthread_cond_signal(&q->not_full);
    return item;
}

void *queue_pop(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    while (q->state == OPEN && q->length == 0)
        pthread_cond_wait(&q->not_empty, &q->lock);
    void *item = q->length && q->state != CANCELLED ? take_first(q) : NULL;
    pthread_mutex_unlock(&q->lock);
    return item;
}

static struct timespec moment_after(double seconds)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    int64_t ns = at.tv_nsec + (int64_t)(seconds * 1e9);
    at.tv_sec += (time_t)(ns / 1000000000);
    at.tv_nsec = (long)(ns % 1000000000);
    return at;
}

void *queue_pop_for(struct queue *q, double seconds, bool *ret_open)
{
    struct timespec until = moment_after(seconds);
    int rc = 0;
    pthread_mutex_lock(&q->lock);
    while (q->state == OPEN && q->length == 0 && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&q->not_empty, &q->lock, &until);
    void *item = q->length && q->state != CANCELLED ? take_first(q) : NULL;
    *ret_open = q->state == OPEN;
    pthread_mutex_unlock(&q->lock);
    return item;
}

static void close_queue(struct queue *q, enum state state)
{
    pthread_mutex_lock(&q->lock);
    if (q->state < state)
        q->state = state;
    pthread_cond_broadcast(&q->not_full);
    pthread_cond_broadcast(&q->not_empty);
    pthread_mutex_unlock(&q->lock);
}

void queue_finish(struct queue *q)
{
    close_queue(q, FINISHED);
}

void queue_cancel(struct queue *q)
{
    close_queue(q, CANCELLED);
}

void *queue_drain(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    void *item = q->length ? take_first(q) : NULL;
    pthread_mutex_unlock(&q->lock);
    return item;
}

size_t queue_length(struct queue *q)
{
    pthread_mutex_lock(&q->lock);
    size_t length = q->length;
    pthread_mutex_unlock(&q->lock);
    return length;
}
