/* SPDX-License-Identifier: MIT */
/* Worker pools: their threads, each with a gallery of its own, and their queues. */
#include "server/workers.h"

#include <pthread.h>

#include "base/memory.h"
#include "base/queue.h"
#include "base/thread.h"

struct pool {
    struct queue *queue;
    pthread_t *threads;
    int count;
};

struct workers {
    struct workers_options options;
    char *gallery;
    struct pool pools[POOL_COUNT];
};

struct start {
    struct workers *workers;
    enum pool_id pool;
};

static void *worker_main(void *context)
{
    struct start *start = context;
    struct workers *w = start->workers;
    struct worker worker = {
        .pool = start->pool,
        .gallery = w->gallery,
        .options = {.cancelled = w->options.cancelled, .context = w->options.context}};
    void *call;
    free(start);
    while ((call = queue_pop(w->pools[worker.pool].queue)))
        w->options.run(&worker, call);
    store_close(worker.store);
    return NULL;
}

static int start_worker(struct workers *w, enum pool_id id, struct error *err)
{
    struct pool *pool = &w->pools[id];
    struct start *start = xmalloc(sizeof *start);
    *start = (struct start){w, id};
    int rc = thread_start(&pool->threads[pool->count], worker_main, start, err);
    if (rc)
        free(start);
    else
        pool->count++;
    return rc;
}

static int start_pool(struct workers *w, enum pool_id id, struct error *err)
{
    int rc = 0;
    while (!rc && w->pools[id].count < w->options.threads[id])
        rc = start_worker(w, id, err);
    return rc;
}

int workers_new(const struct workers_options *options, struct workers **ret_workers,
                struct error *err)
{
    struct workers *w = xcalloc(1, sizeof *w);
    int rc = 0;
    w->options = *options;
    w->gallery = xstrdup(options->gallery);
    for (int id = 0; id < POOL_COUNT; id++) {
        w->pools[id].queue = queue_new(options->most);
        w->pools[id].threads =
            xcalloc((size_t)options->threads[id] + 1, sizeof *w->pools[id].threads);
    }
    for (int id = 0; !rc && id < POOL_COUNT; id++)
        rc = start_pool(w, (enum pool_id)id, err);
    if (rc)
        workers_free(w);
    else
        *ret_workers = w;
    return rc;
}

/* In the order of the pools: POOL_SLOW comes last, because the others may push to it. */
void workers_stop(struct workers *w)
{
    for (int id = 0; id < POOL_COUNT; id++) {
        struct pool *pool = &w->pools[id];
        queue_finish(pool->queue);
        for (int i = 0; i < pool->count; i++)
            pthread_join(pool->threads[i], NULL);
        pool->count = 0;
    }
}

void workers_free(struct workers *w)
{
    if (!w)
        return;
    workers_stop(w);
    for (int id = 0; id < POOL_COUNT; id++) {
        queue_free(w->pools[id].queue);
        free(w->pools[id].threads);
    }
    free(w->gallery);
    free(w);
}

bool workers_push(struct workers *w, enum pool_id id, void *call)
{
    return queue_push(w->pools[id].queue, call);
}

size_t workers_waiting(struct workers *w, enum pool_id id)
{
    return queue_length(w->pools[id].queue);
}

int worker_store(struct worker *worker, struct store **ret_store, struct error *err)
{
    enum store_mode mode = worker->pool == POOL_WRITE ? STORE_WRITE : STORE_READ;
    int rc = worker->store
                 ? 0
                 : store_open_with(worker->gallery, mode, &worker->options, &worker->store, err);
    if (!rc)
        *ret_store = worker->store;
    return rc;
}

void worker_failed(struct worker *worker, int code)
{
    if (code != ERR_IO && code != ERR_NETWORK && code != ERR_CORRUPT && code != ERR_DENIED)
        return;
    store_close(worker->store);
    worker->store = NULL;
}
