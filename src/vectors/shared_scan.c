/* SPDX-License-Identifier: MIT */
/* Batches concurrent searches: those that arrive during a scan share the next one. */
#include "vectors/shared_scan.h"

#include <pthread.h>

#include "base/memory.h"

#define MOST_QUERIES 32

struct waiting {
    struct scan_query *query;
    bool is_done;
    struct waiting *next;
};

struct shared_scan {
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool is_running;
    struct waiting *first, **last; /* queue of searches that wait for the next scan */
};

struct shared_scan *shared_scan_new(void)
{
    struct shared_scan *s = xcalloc(1, sizeof *s);
    pthread_mutex_init(&s->mutex, NULL);
    pthread_cond_init(&s->ended, NULL);
    s->last = &s->first;
    return s;
}

void shared_scan_free(struct shared_scan *s)
{
    if (!s)
        return;
    pthread_cond_destroy(&s->ended);
    pthread_mutex_destroy(&s->mutex);
    free(s);
}

/* Takes the searches that have waited longest. The caller holds the mutex. */
static size_t take_waiting(struct shared_scan *s, struct waiting **ret_taken)
{
    size_t n = 0;
    while (s->first && n < MOST_QUERIES) {
        ret_taken[n++] = s->first;
        s->first = s->first->next;
    }
    if (!s->first)
        s->last = &s->first;
    return n;
}

/* Runs one scan for the waiting searches. The caller holds the mutex, which is released during the
 * scan. */
static void run_scan(struct shared_scan *s, const struct vectors *v)
{
    struct waiting *taken[MOST_QUERIES];
    struct scan_query *queries[MOST_QUERIES];
    size_t n = take_waiting(s, taken);
    for (size_t i = 0; i < n; i++)
        queries[i] = taken[i]->query;
    s->is_running = true;
    pthread_mutex_unlock(&s->mutex);
    vectors_scan_run(v, queries, n);
    pthread_mutex_lock(&s->mutex);
    s->is_running = false;
    for (size_t i = 0; i < n; i++)
        taken[i]->is_done = true;
    pthread_cond_broadcast(&s->ended);
}

void shared_scan_run(struct shared_scan *s, const struct vectors *v, struct scan_query *query)
{
    struct waiting me = {.query = query};
    pthread_mutex_lock(&s->mutex);
    *s->last = &me;
    s->last = &me.next;
    while (!me.is_done)
        if (s->is_running)
            pthread_cond_wait(&s->ended, &s->mutex);
        else
            run_scan(s, v);
    pthread_mutex_unlock(&s->mutex);
}
