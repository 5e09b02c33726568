/* SPDX-License-Identifier: MIT */
/* Several producers and consumers: every item arrives once, in any order; cancel wakes all. */
#include "base/queue.h"

#include <pthread.h>

#include "base/clock.h"
#include "tap.h"

enum { PRODUCERS = 3, CONSUMERS = 3, ITEMS = 20000 };

static struct queue *q;
static char seen[PRODUCERS * ITEMS];
static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;

static void *produce(void *first)
{
    for (int i = 0; i < ITEMS; i++)
        if (!queue_push(q, (char *)first + i))
            return NULL;
    return first;
}

static void *consume(void *unused)
{
    (void)unused;
    for (char *item; (item = queue_pop(q));) {
        pthread_mutex_lock(&seen_lock);
        (*item)++;
        pthread_mutex_unlock(&seen_lock);
    }
    return NULL;
}

static void check_delivery(void)
{
    pthread_t producers[PRODUCERS], consumers[CONSUMERS];
    q = queue_new(4);
    for (int i = 0; i < CONSUMERS; i++)
        pthread_create(&consumers[i], NULL, consume, NULL);
    for (int i = 0; i < PRODUCERS; i++)
        pthread_create(&producers[i], NULL, produce, seen + i * ITEMS);
    for (int i = 0; i < PRODUCERS; i++)
        pthread_join(producers[i], NULL);
    queue_finish(q);
    for (int i = 0; i < CONSUMERS; i++)
        pthread_join(consumers[i], NULL);
    int once = 0;
    for (int i = 0; i < PRODUCERS * ITEMS; i++)
        once += seen[i] == 1;
    is_int(once, PRODUCERS * ITEMS, "every item arrives exactly once");
    ok(!queue_push(q, seen), "a finished queue takes no more");
    ok(queue_pop(q) == NULL, "and gives no more");
    queue_free(q);
}

static void check_cancel(void)
{
    pthread_t waiting;
    void *result = seen;
    q = queue_new(1);
    pthread_create(&waiting, NULL, produce, seen); /* fills the queue and waits */
    while (queue_length(q) == 0)
        ;
    queue_cancel(q);
    pthread_join(waiting, &result);
    ok(result == NULL, "cancel wakes a waiting producer, its push refused");
    ok(queue_pop(q) == NULL, "pops return at once");
    ok(queue_drain(q) == seen && queue_drain(q) == NULL, "what was inside is drained");
    queue_free(q);
}

int main(void)
{
    bool open = false;
    int one = 1, two = 2;
    q = queue_new(2);
    ok(queue_pop_for(q, 0, &open) == NULL && open, "an empty open queue says so");
    double start = clock_seconds();
    ok(queue_pop_for(q, 0.05, &open) == NULL && clock_seconds() - start >= 0.05,
       "after as long as it was to wait");
    queue_push(q, &one);
    queue_push(q, &two);
    ok(queue_pop(q) == &one && queue_pop_for(q, 0, &open) == &two, "first in, first out");
    queue_finish(q);
    ok(queue_pop_for(q, 0, &open) == NULL && !open, "a finished empty queue says so");
    queue_free(q);
    check_delivery();
    check_cancel();
    return done_testing();
}
