#include "server/workers.h"

#include <pthread.h>

#include "base/memory.h"
#include "base/queue.h"

struct pool {
    struct queue *queue;
    pthread_t *threads;
    int count;
};

struct workers {
    struct workers_options options;
    char *gallery;
    struct pool pools[LANE_COUNT];
};

struct start {
    struct workers *workers;
    enum lane lane;
};

static void *worker_main(void *context)
{
    struct start *start = context;
    struct workers *w = start->workers;
    struct worker worker = {.lane = start->lane, .gallery = w->gallery};
    void *call;
    free(start);
    while ((call = queue_pop(w->pools[worker.lane].queue)))
        w->options.run(&worker, call);
    store_close(worker.store);
    return NULL;
}

static void start_pool(struct workers *w, enum lane lane)
{
    struct pool *pool = &w->pools[lane];
    pool->queue = queue_new(w->options.most);
    pool->threads = xcalloc((size_t)w->options.threads[lane] + 1, sizeof *pool->threads);
    while (pool->count < w->options.threads[lane]) {
        struct start *start = xmalloc(sizeof *start);
        *start = (struct start){w, lane};
        if (pthread_create(&pool->threads[pool->count], NULL, worker_main, start))
            BUG("no thread can be started");
        pool->count++;
    }
}

struct workers *workers_new(const struct workers_options *options)
{
    struct workers *w = xcalloc(1, sizeof *w);
    w->options = *options;
    w->gallery = xstrdup(options->gallery);
    for (int lane = 0; lane < LANE_COUNT; lane++)
        start_pool(w, (enum lane)lane);
    return w;
}

void workers_free(struct workers *w)
{
    if (!w)
        return;
    for (int lane = 0; lane < LANE_COUNT; lane++)
        queue_finish(w->pools[lane].queue);
    for (int lane = 0; lane < LANE_COUNT; lane++) {
        struct pool *pool = &w->pools[lane];
        for (int i = 0; i < pool->count; i++)
            pthread_join(pool->threads[i], NULL);
        queue_free(pool->queue);
        free(pool->threads);
    }
    free(w->gallery);
    free(w);
}

void workers_push(struct workers *w, enum lane lane, void *call)
{
    if (!queue_push(w->pools[lane].queue, call))
        BUG("a call after the end");
}

size_t workers_waiting(struct workers *w, enum lane lane)
{
    return queue_length(w->pools[lane].queue);
}

int worker_store(struct worker *worker, struct store **ret_store, struct error *err)
{
    enum store_mode mode = worker->lane == LANE_WRITE ? STORE_WRITE : STORE_READ;
    int rc = worker->store ? 0 : store_open(worker->gallery, mode, &worker->store, err);
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
