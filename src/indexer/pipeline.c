/* SPDX-License-Identifier: MIT */
/* Runs the threads and queues of an index run. */
#include "indexer/pipeline.h"

#include <string.h>
#include <unistd.h>

#include "base/thread.h"
#include "indexer/arithmetic.h"
#include "indexer/claims.h"
#include "indexer/pipeline_internal.h"
#include "indexer/writer.h"

#define DEFAULT_BATCH 16
#define MAX_THREADS 256
#define POLL_S 0.1
/* Signals of new photos that are stored in one transaction. */
#define SIGNALS_TOGETHER 256

struct threads {
    pthread_t decoders[MAX_THREADS], embedder;
    int n_decoders;
    bool has_embedder;
};

void pipeline_stop(struct pipeline *p)
{
    atomic_store(&p->stop, true);
    queue_cancel(p->tasks);
    queue_cancel(p->outcomes);
}

void pipeline_fail(struct pipeline *p, const struct error *error)
{
    pthread_mutex_lock(&p->error_lock);
    if (p->error.code == 0)
        p->error = *error;
    pthread_mutex_unlock(&p->error_lock);
    pipeline_stop(p);
}

void outcome_discard(struct pipeline *p, struct outcome *outcome)
{
    if (outcome->kind == STORE_ADD)
        match_close(p->match, outcome, false);
    outcome_free(outcome);
}

static int choose_threads(const struct plan *plan, const struct index_options *options)
{
    long n = options->decode_threads > 0 ? options->decode_threads : sysconf(_SC_NPROCESSORS_ONLN);
    if (n > MAX_THREADS)
        n = MAX_THREADS;
    if ((size_t)n > plan->n)
        n = (long)plan->n;
    return n > 0 ? (int)n : 1;
}

static void init(struct pipeline *p, struct plan *plan, struct clip *clip,
                 const struct index_options *options, size_t batch_size)
{
    *p = (struct pipeline){
        .clip = clip,
        .match = match_new(&plan->known, &plan->folders),
        .batch_size = batch_size,
        .thumbs = options->thumbs,
        .thumbs_anew = options->reread,
    };
    pthread_mutex_init(&p->error_lock, NULL);
}

static void release(struct pipeline *p)
{
    match_free(p->match);
    signal_batch_release(&p->signals);
    pthread_mutex_destroy(&p->error_lock);
}

static void open_queues(struct pipeline *p)
{
    p->tasks = queue_new(CLAIMS_MOST);
    p->outcomes = queue_new(2 * p->batch_size);
    p->batches = queue_new(2);
}

static void close_queues(struct pipeline *p)
{
    void *item;
    while (queue_drain(p->tasks))
        continue;
    while ((item = queue_drain(p->outcomes)))
        outcome_free(item);
    while ((item = queue_drain(p->batches)))
        batch_free(item);
    queue_free(p->tasks);
    queue_free(p->outcomes);
    queue_free(p->batches);
}

/* Continues with fewer threads if the system did not create all; the existing ones may have ended
 * already. */
static void do_with_fewer(struct pipeline *p, int missing)
{
    if (atomic_fetch_sub(&p->decoders, missing) == missing)
        queue_finish(p->outcomes);
}

static void start_threads(struct pipeline *p, struct threads *threads, int n_decoders)
{
    struct error err = ERROR_INIT;
    *threads = (struct threads){.n_decoders = 0};
    atomic_store(&p->decoders, n_decoders);
    int rc = thread_start(&threads->embedder, embedder_main, p, &err);
    threads->has_embedder = rc == 0;
    while (!rc && threads->n_decoders < n_decoders) {
        rc = thread_start(&threads->decoders[threads->n_decoders], decoder_main, p, &err);
        threads->n_decoders += rc == 0;
    }
    if (rc && threads->n_decoders == 0)
        pipeline_fail(p, &err);
    else if (rc)
        do_with_fewer(p, n_decoders - threads->n_decoders);
    if (!threads->has_embedder)
        queue_finish(p->batches);
}

static void join(struct threads *threads)
{
    for (int i = 0; i < threads->n_decoders; i++)
        pthread_join(threads->decoders[i], NULL);
    if (threads->has_embedder)
        pthread_join(threads->embedder, NULL);
}

/* Handles an error in the calling thread: also closes the queue of batches. */
static void fail_caller(struct pipeline *p, const struct error *error)
{
    pipeline_fail(p, error);
    queue_cancel(p->batches);
}

/* Never blocks, because at most CLAIMS_MOST tasks are in progress. */
static void push_tasks(struct pipeline *p, struct task *const *tasks, size_t n)
{
    atomic_fetch_add(&p->undecoded, n);
    for (size_t i = 0; i < n; i++)
        if (!queue_push(p->tasks, tasks[i]))
            return;
}

static void feed(struct pipeline *p, struct claims *claims, struct task **room)
{
    struct error err = ERROR_INIT;
    size_t n;
    if (atomic_load(&p->stop))
        return;
    int rc = claims_renew(claims, &err);
    if (!rc && claims_want(claims)) {
        rc = claims_ask(claims, room, &n, &err);
        if (!rc)
            push_tasks(p, room, n);
    }
    if (rc)
        fail_caller(p, &err);
    else if (claims_all_asked(claims))
        queue_finish(p->tasks);
}

static int store_batch(struct pipeline *p, struct claims *claims, struct batch *batch,
                       struct error *err)
{
    int rc = 0;
    if (batch->n_pictures && !p->is_recorded) {
        rc = arithmetic_record(claims->store, p->model, claims->progress, err);
        p->is_recorded = rc == 0;
    }
    if (!rc)
        rc = writer_store(claims, batch, err);
    if (rc == ERR_IO && thumbnails_give_way(p))
        rc = writer_store(claims, batch, err);
    return rc;
}

/* Photos come first, because the store skips signals of pictures that it does not have. */
static int store_signals(struct pipeline *p, struct store *store, size_t least, struct error *err)
{
    int rc = signal_batch_put(&p->signals, store, least, err);
    if (rc == ERR_IO && thumbnails_give_way(p))
        rc = signal_batch_put(&p->signals, store, least, err);
    return rc;
}

static void take_signals(struct pipeline *p, struct batch *batch)
{
    for (struct outcome *o = batch->first; o; o = o->next)
        if (o->kind == STORE_ADD)
            signal_batch_take(&p->signals, o);
}

/* In the calling thread: claims tasks and stores batches until the embedding thread has ended. */
static void store_batches(struct pipeline *p, struct claims *claims, struct task **room)
{
    struct progress *progress = claims->progress;
    bool open = true;
    while (open) {
        feed(p, claims, room);
        bool more = claims_want(claims) && !atomic_load(&p->stop);
        struct batch *batch = queue_pop_for(p->batches, more ? 0 : POLL_S, &open);
        open = open || batch;
        struct error err = ERROR_INIT;
        int rc = batch ? store_batch(p, claims, batch, &err) : 0;
        if (!rc && batch) {
            take_signals(p, batch);
            rc = store_signals(p, claims->store, SIGNALS_TOGETHER, &err);
        }
        if (rc)
            fail_caller(p, &err);
        batch_free(batch);
        progress->now.report.decoded = atomic_load(&p->decoded);
        progress_show(progress, false);
        if (progress_is_cancelled(progress))
            pipeline_stop(p);
    }
}

static int finish(struct pipeline *p, const struct progress *progress, struct error *err)
{
    if (p->error.code)
        return error_set(err, p->error.code, "%s", p->error.message);
    if (progress->cancelled)
        return error_set(err, ERR_CANCELLED, "interrupted; all completed work is in the gallery");
    return 0;
}

/* Runs one round. Its threads end with the round, so none is idle while other processes hold the
 * remaining tasks. */
static int run_round(struct pipeline *p, struct claims *claims, int n_decoders, struct task **room,
                     struct error *err)
{
    struct threads threads;
    size_t n;
    int rc = claims_ask_until(claims, room, &n, err);
    if (rc || n == 0)
        return rc ? rc : claims->n_kept ? claims_wait(claims, err) : 0;
    open_queues(p);
    push_tasks(p, room, n);
    start_threads(p, &threads, n_decoders);
    store_batches(p, claims, room);
    join(&threads);
    claims->progress->now.report.decoded = atomic_load(&p->decoded);
    close_queues(p);
    return finish(p, claims->progress, err);
}

int pipeline_run(struct plan *plan, struct store *store, struct clip *clip,
                 const struct store_model *model, struct progress *progress, struct error *err)
{
    if (plan->n == 0)
        return 0;
    const struct index_options *options = progress->options;
    size_t batch_size = options->batch > 0 ? (size_t)options->batch : DEFAULT_BATCH;
    int n_decoders = choose_threads(plan, options);
    AUTO_FREE struct task **room = xcalloc(CLAIMS_MOST, sizeof(struct task *));
    struct pipeline p;
    struct claims claims;
    int rc = 0;
    init(&p, plan, clip, options, batch_size);
    p.model = model;
    claims_init(&claims, plan, store, progress, 2 * batch_size + (size_t)n_decoders);
    while (!rc && claims_begin_round(&claims))
        rc = run_round(&p, &claims, n_decoders, room, err);
    if (!rc || rc == ERR_CANCELLED) {
        struct error why = ERROR_INIT;
        int stored = store_signals(&p, store, 0, &why);
        if (stored)
            rc = error_set(err, stored, "%s", why.message);
    }
    rc = claims_end(&claims, rc, err);
    if (p.thumbs_error.code)
        progress_note(progress, NULL, p.thumbs_error.message);
    release(&p);
    cage_release_idle();
    return rc;
}
