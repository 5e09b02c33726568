#include "indexer/pipeline.h"

#include <string.h>
#include <unistd.h>

#include "indexer/pipeline_parts.h"
#include "indexer/writer.h"

#define DECODE_BUDGET_BYTES ((size_t)512 << 20)
#define DEFAULT_BATCH 16
#define MAX_THREADS 256
#define POLL_S 0.1

struct threads {
    pthread_t decoders[MAX_THREADS], embedder;
    int n_decoders;
    bool has_embedder;
};

void pipeline_stop(struct pipeline *p)
{
    atomic_store(&p->stop, true);
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

static int choose_threads(const struct pipeline *p, const struct index_options *options)
{
    long n = options->decode_threads > 0 ? options->decode_threads : sysconf(_SC_NPROCESSORS_ONLN);
    if (n > MAX_THREADS)
        n = MAX_THREADS;
    if ((size_t)n > p->plan->n)
        n = (long)p->plan->n;
    return n > 0 ? (int)n : 1;
}

static void init(struct pipeline *p, struct plan *plan, struct clip *clip,
                 const struct index_options *options)
{
    size_t batch = options->batch > 0 ? (size_t)options->batch : DEFAULT_BATCH;
    *p = (struct pipeline){
        .plan = plan,
        .clip = clip,
        .match = match_new(&plan->known),
        .budget = budget_new(DECODE_BUDGET_BYTES),
        .batch_size = batch,
        .outcomes = queue_new(2 * batch),
        .batches = queue_new(2),
    };
    pthread_mutex_init(&p->error_lock, NULL);
}

static void release(struct pipeline *p)
{
    void *item;
    while ((item = queue_drain(p->outcomes)))
        outcome_free(item);
    while ((item = queue_drain(p->batches)))
        batch_free(item);
    queue_free(p->outcomes);
    queue_free(p->batches);
    budget_free(p->budget);
    match_free(p->match);
    pthread_mutex_destroy(&p->error_lock);
}

static void fail_start(struct pipeline *p, int number)
{
    struct error err = ERROR_INIT;
    error_errno(&err, number, "cannot start a thread");
    pipeline_fail(p, &err);
}

static void start(struct pipeline *p, struct threads *threads, int n_decoders)
{
    *threads = (struct threads){.n_decoders = 0};
    atomic_store(&p->decoders, n_decoders);
    int number = pthread_create(&threads->embedder, NULL, embedder_main, p);
    threads->has_embedder = number == 0;
    while (number == 0 && threads->n_decoders < n_decoders) {
        number = pthread_create(&threads->decoders[threads->n_decoders], NULL, decoder_main, p);
        threads->n_decoders += number == 0;
    }
    if (number)
        fail_start(p, number);
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

/* Stores batches as they come, in the calling thread, until the embedding thread is done. */
static void store_batches(struct pipeline *p, struct store *store, struct progress *progress)
{
    bool open = true;
    while (open) {
        struct batch *batch = queue_pop_for(p->batches, POLL_S, &open);
        open = open || batch;
        struct error err = ERROR_INIT;
        if (batch && writer_store(store, batch, progress, &err)) {
            pipeline_fail(p, &err);
            queue_cancel(p->batches);
        }
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
        return error_set(err, ERR_CANCELLED,
                         "interrupted; everything finished so far is in the gallery");
    return 0;
}

int pipeline_run(struct plan *plan, struct store *store, struct clip *clip,
                 struct progress *progress, struct error *err)
{
    if (plan->n == 0)
        return 0;
    struct pipeline p;
    struct threads threads;
    init(&p, plan, clip, progress->options);
    start(&p, &threads, choose_threads(&p, progress->options));
    store_batches(&p, store, progress);
    join(&threads);
    progress->now.report.decoded = atomic_load(&p.decoded);
    int rc = finish(&p, progress, err);
    release(&p);
    return rc;
}
