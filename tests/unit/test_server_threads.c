/* SPDX-License-Identifier: MIT */
/* What the server's threads do at the same time: a conversation that is ended just when its answer
 * begins or while its question is prepared, stops that come between two steps, threads that the
 * system does not give, calls that go on to a slower pool while the worker pools end. */
#include <semaphore.h>
#include <sqlite3.h>

#include "base/json.h"
#include "base/principal.h"
#include "indexing.h"
#include "server/asks.h"
#include "server/indexing.h"
#include "server/server_internal.h"
#include "thread_hooks.h"

static struct fixture f;
static struct server server;
static const char *folders[1];
static const struct asks_consent consent = {NULL, true};

/* ---- holding a thread inside the gallery ---- */

static _Thread_local bool held; /* this thread's next step of a statement waits */
static sem_t reached, go_on;

HOOK_EXPORT int sqlite3_step(sqlite3_stmt *statement)
{
    int (*real)(sqlite3_stmt *) = (int (*)(sqlite3_stmt *))dlsym(RTLD_NEXT, "sqlite3_step");
    if (held) {
        held = false;
        sem_post(&reached);
        while (sem_wait(&go_on) < 0)
            continue;
    }
    return real(statement);
}

/* ---- conversations ---- */

/* A conversation with a prepared question, which nothing in the empty gallery matches: its answer
 * needs no language model. */
static void prepare_first(struct asks *asks, char ret_id[33])
{
    struct error err = ERROR_INIT;
    struct conversation *c;
    struct asks_question question = {.principal = &principal_owner,
                                     .question = "zebras on the moon"};
    if (asks_prepare(asks, &question, &c, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    snprintf(ret_id, 33, "%s", conversation_id(c));
    asks_put_back(asks, c);
}

static int send_prepared(struct asks *asks, const char *id, struct events **ret_events,
                         struct error *err)
{
    struct conversation *c;
    int rc = asks_take(asks, id, &c, err);
    return rc ? rc : asks_send(asks, c, &consent, ret_events, err);
}

static void sleep_or_wake(void *context)
{
    (void)context;
}

/* Reads a stream to its end. */
static void finish_events(struct events *events)
{
    char data[4096];
    events_attach(events, sleep_or_wake, sleep_or_wake, NULL);
    while (events_read(events, data, sizeof data) != EVENTS_END)
        sched_yield();
    events_unref(events);
}

static char ended_id[33];
static struct asks *ended_asks;

static void *end_main(void *context)
{
    struct error err = ERROR_INIT;
    (void)context;
    return asks_end(ended_asks, ended_id, &err) ? &ended_id : NULL;
}

static pthread_t ender;

/* Called when the answer's thread was started, and before its starter goes on. */
static void end_at_once(struct hooked *thread)
{
    hook_created = NULL;
    hook_settle(thread);
    TREE_CHECK(pthread_create(&ender, NULL, end_main, NULL) == 0);
    hook_settle(hook_newest());
}

static void test_end_at_start(void)
{
    struct error err = ERROR_INIT;
    struct events *events;
    void *failed;
    ended_asks = asks_new(&server);
    prepare_first(ended_asks, ended_id);
    hook_created = end_at_once;
    int rc = send_prepared(ended_asks, ended_id, &events, &err);
    is_int(rc, 0, "an answer that is ended while its thread starts is started");
    pthread_join(ender, &failed);
    ok(!failed, "whoever ends it is told so");
    if (!rc)
        finish_events(events);
    while (asks_end(ended_asks, ended_id, &err) == 0)
        sched_yield();
    is_int((long long)asks_count(ended_asks), 0, "and the conversation is gone afterwards");
    asks_free(ended_asks);
}

/* ---- what comes while a question is prepared ---- */

struct preparation {
    struct asks *asks;
    const char *id;
    int rc;
    struct error err;
};

static void *prepare_main(void *context)
{
    struct preparation *p = context;
    struct asks_question question = {
        .principal = &principal_owner, .question = "and on the sun?", .conversation = p->id};
    struct conversation *c;
    held = true;
    p->rc = asks_prepare(p->asks, &question, &c, &p->err);
    if (!p->rc)
        asks_put_back(p->asks, c);
    return NULL;
}

static pthread_t hold_preparation(struct preparation *p)
{
    pthread_t thread;
    TREE_CHECK(pthread_create(&thread, NULL, prepare_main, p) == 0);
    while (sem_wait(&reached) < 0)
        continue;
    return thread;
}

static void release_preparation(pthread_t thread)
{
    sem_post(&go_on);
    pthread_join(thread, NULL);
}

static void test_end_while_prepared(void)
{
    struct error err = ERROR_INIT;
    struct conversation *c;
    char id[33];
    struct asks *asks = asks_new(&server);
    prepare_first(asks, id);
    struct preparation p = {.asks = asks, .id = id, .err = ERROR_INIT};
    pthread_t thread = hold_preparation(&p);
    is_int(asks_take(asks, id, &c, &err), ERR_MISMATCH, "while it is prepared, nobody else has it");
    is_int(asks_end(asks, id, &err), 0, "a conversation that is being prepared is ended");
    is_int(asks_end(asks, id, &err), ERR_NOT_FOUND, "and gone at once");
    is_int((long long)asks_count(asks), 0, "and counted no more");
    release_preparation(thread);
    is_int(p.rc, ERR_NOT_FOUND, "who prepares it is told");
    ok(strstr(p.err.message, "conversation has ended") != NULL, "why: %s", p.err.message);
    asks_free(asks);
}

static void test_stop_while_prepared(void)
{
    struct error err = ERROR_INIT;
    struct conversation *c;
    char id[33];
    struct asks *asks = asks_new(&server);
    prepare_first(asks, id);
    struct preparation p = {.asks = asks, .id = id, .err = ERROR_INIT};
    pthread_t thread = hold_preparation(&p);
    asks_stop(asks);
    release_preparation(thread);
    is_int(p.rc, ERR_LIMIT, "a question that is prepared when the server stops is refused");
    ok(strstr(p.err.message, "the server is stopping") != NULL, "and says why: %s", p.err.message);
    is_int(asks_take(asks, id, &c, &err), ERR_LIMIT, "and so is every other");
    asks_free(asks);
}

static void stop_asks(void)
{
    hook_joins = NULL;
    asks_stop(ended_asks);
}

/* Between the steps of starting an answer, the thread of the one before is waited for. */
static void test_stop_at_start(void)
{
    struct error err = ERROR_INIT;
    struct events *events;
    ended_asks = asks_new(&server);
    prepare_first(ended_asks, ended_id);
    is_int(send_prepared(ended_asks, ended_id, &events, &err), 0, "a first answer");
    finish_events(events);
    struct preparation p = {.asks = ended_asks, .id = ended_id, .err = ERROR_INIT};
    do {
        pthread_t thread = hold_preparation(&p);
        release_preparation(thread);
    } while (p.rc == ERR_MISMATCH); /* the first one's thread is not at its end yet */
    is_int(p.rc, 0, "a second question");
    hook_joins = stop_asks;
    int rc = send_prepared(ended_asks, ended_id, &events, &err);
    is_int(rc, ERR_LIMIT, "a stop that comes while its answer is started is not lost");
    if (!rc)
        finish_events(events);
    asks_free(ended_asks);
}

static void test_answer_without_thread(void)
{
    struct error err = ERROR_INIT;
    struct events *events;
    char id[33];
    struct asks *asks = asks_new(&server);
    prepare_first(asks, id);
    atomic_store(&hook_refuse_after, 1);
    is_int(send_prepared(asks, id, &events, &err), ERR_LIMIT, "no thread for an answer");
    atomic_store(&hook_refuse_after, 0);
    ok(strstr(err.message, "cannot start a thread") && strstr(err.message, "ulimit"), "is said: %s",
       err.message);
    int rc = send_prepared(asks, id, &events, &err);
    is_int(rc, 0, "and the question can be sent once there is one");
    if (!rc)
        finish_events(events);
    asks_free(asks);
}

/* ---- all of it at once ---- */

enum { CROWD = 4, CROWD_ROUNDS = 12 };
static char crowd_id[33];
static atomic_int crowd_late; /* that ended it when it had ended */

static void crowd_step(struct asks *asks, int step)
{
    struct error err = ERROR_INIT;
    struct events *events;
    struct conversation *c;
    struct asks_question question = {
        .principal = &principal_owner, .question = "what is there?", .conversation = crowd_id};
    switch (step % 4) {
    case 0:
    case 1:
        if (asks_prepare(asks, &question, &c, &err) == 0)
            asks_put_back(asks, c);
        break;
    case 2:
        if (send_prepared(asks, crowd_id, &events, &err) == 0)
            finish_events(events);
        break;
    default:
        if (step > CROWD_ROUNDS && asks_end(asks, crowd_id, &err))
            atomic_fetch_add(&crowd_late, 1);
    }
}

static void *crowd_main(void *context)
{
    struct asks *asks = context;
    static atomic_int next;
    int mine = atomic_fetch_add(&next, 1);
    for (int i = 0; i < CROWD_ROUNDS; i++)
        crowd_step(asks, i + mine);
    return NULL;
}

static void test_crowd(void)
{
    pthread_t threads[CROWD];
    struct asks *asks = asks_new(&server);
    prepare_first(asks, crowd_id);
    for (int i = 0; i < CROWD; i++)
        TREE_CHECK(pthread_create(&threads[i], NULL, crowd_main, asks) == 0);
    for (int i = 0; i < CROWD; i++)
        pthread_join(threads[i], NULL);
    ok(asks_count(asks) == 0 || atomic_load(&crowd_late) == 0, "many use one conversation at once");
    asks_stop(asks);
    asks_free(asks);
}

/* ---- index runs ---- */

static bool is_idle(struct indexing *i)
{
    while (indexing_is_running(i))
        sched_yield();
    return true;
}

static void test_index_without_thread(void)
{
    struct error err = ERROR_INIT;
    struct indexing *i = indexing_new(&server);
    is_int(indexing_start(i, &err), 0, "an index run");
    int second = indexing_start(i, &err); /* the first may be at its end already */
    ok(second == ERR_MISMATCH || second == 0, "another is refused while it goes");
    ok(is_idle(i), "ends");
    AUTO_JSON *before = indexing_state(i);
    atomic_store(&hook_refuse_after, 1);
    is_int(indexing_start(i, &err), ERR_LIMIT, "no thread for a run");
    atomic_store(&hook_refuse_after, 0);
    AUTO_JSON *after = indexing_state(i);
    ok(json_equal(before, after), "changes nothing of what is known of the last one");
    indexing_free(i);
}

static void test_index_end(void)
{
    struct error err = ERROR_INIT;
    struct events *early, *late;
    struct indexing *i = indexing_new(&server);
    is_int(indexing_watch(i, &early, &err), 0, "a stream of the index run");
    indexing_end(i);
    finish_events(early);
    ok(true, "ends with the server");
    is_int(indexing_watch(i, &late, &err), ERR_LIMIT, "after which there is no other");
    is_int(indexing_start(i, &err), ERR_LIMIT, "nor a run: its stop is not lost");
    indexing_free(i);
}

static void *watch_main(void *context)
{
    struct indexing *i = context;
    struct error err = ERROR_INIT;
    struct events *events;
    for (int n = 0; n < 50; n++)
        if (indexing_watch(i, &events, &err) == 0) {
            events_abandon(events);
            events_unref(events);
        }
    return NULL;
}

static void test_index_watched(void)
{
    struct error err = ERROR_INIT;
    pthread_t watcher;
    struct indexing *i = indexing_new(&server);
    TREE_CHECK(pthread_create(&watcher, NULL, watch_main, i) == 0);
    int started = 0;
    for (int n = 0; n < 5; n++) {
        started += indexing_start(i, &err) == 0;
        if (n % 2)
            indexing_stop(i);
        is_idle(i);
    }
    pthread_join(watcher, NULL);
    is_int(started, 5, "runs begin and end while streams open");
    indexing_free(i);
}

static void test_run_with_few_threads(void)
{
    struct error err = ERROR_INIT;
    struct index_report report;
    struct fixture own = fixture_new();
    const char *paths[] = {own.photos};
    struct index_options options = {.decode_threads = 8};
    for (unsigned n = 0; n < 24; n++) {
        char name[32];
        snprintf(name, sizeof name, "%u.png", n);
        picture_write(own.photos, name, n + 1);
    }
    atomic_store(&hook_refuse_after, 4); /* one that embeds, two that decode */
    int rc = gallery_index_paths(own.db, paths, 1, &options, &report, &err);
    is_int(rc ? rc : report.added, 24, "an index run does with fewer threads than it wants");
    picture_write(own.photos, "more.png", 99);
    for (int n = 1; n < 3; n++) {
        atomic_store(&hook_refuse_after, n);
        is_int(gallery_index_paths(own.db, paths, 1, &options, &report, &err), ERR_LIMIT,
               "but not with none");
    }
    atomic_store(&hook_refuse_after, 0);
    is_int(gallery_index(own.db, own.photos).added, 1, "and goes on when there are some");
    fixture_release(&own);
}

static void *embed_main(void *context)
{
    struct error err = ERROR_INIT;
    float *vector = context;
    AUTO(clip) *clip = NULL;
    struct clip_options options = {CLIP_PRECISION_F32, 4};
    if (clip_open(MINI, &options, &clip, &err))
        return NULL;
    AUTO_FREE float *pixels = xcalloc(clip_pixel_count(clip), sizeof *pixels);
    return clip_embed_pixels(clip, pixels, 1, vector, &err) ? NULL : vector;
}

/* In a thread whose parallel regions have no threads yet, as a pool's have not. */
static bool embed_with_threads(int more, float *ret_vector)
{
    pthread_t thread;
    void *result;
    atomic_store(&hook_most_live, atomic_load(&hook_live) + more);
    TREE_CHECK(pthread_create(&thread, NULL, embed_main, ret_vector) == 0);
    pthread_join(thread, &result);
    atomic_store(&hook_most_live, 0);
    return result != NULL;
}

static void test_towers_without_threads(void)
{
    if (UNDER_TSAN) {
        skip("ThreadSanitizer cannot see how libgomp's threads wait for each other");
        return;
    }
    size_t dim = clip_dim(test_clip);
    AUTO_FREE float *all = xcalloc(dim, sizeof *all), *few = xcalloc(dim, sizeof *few);
    bool good = embed_with_threads(64, all);
    for (int n = 1; n <= 4; n++) { /* that thread is one of them */
        double cosine = 0;
        good = good && embed_with_threads(n, few);
        for (size_t i = 0; i < dim; i++)
            cosine += (double)all[i] * (double)few[i];
        good = good && cosine > 0.999999; /* sums in another order */
    }
    ok(good, "pictures are embedded with the threads there are");
}

/* ---- the worker pools ---- */

static struct workers *workers;
static atomic_int slow_calls;
static atomic_bool went_on;
static pthread_t stopper;

static void *stop_main(void *context)
{
    (void)context;
    workers_stop(workers);
    return NULL;
}

/* A call that turns out to be slow just when the worker pools end. */
static void run_call(struct worker *worker, void *call)
{
    if (worker->pool == POOL_SLOW) {
        atomic_fetch_add(&slow_calls, 1);
        return;
    }
    TREE_CHECK(pthread_create(&stopper, NULL, stop_main, NULL) == 0);
    hook_settle(hook_newest());
    atomic_store(&went_on, workers_push(workers, POOL_SLOW, call));
    sem_post(&reached);
}

static const struct workers_options pool_options = {
    .gallery = "none", .threads = {[POOL_QUICK] = 2, [POOL_SLOW] = 2}, .most = 8, .run = run_call};

static void test_slow_at_stop(void)
{
    struct error err = ERROR_INIT;
    int call = 1;
    if (!is_int(workers_new(&pool_options, &workers, &err), 0, "worker pools with threads"))
        return;
    ok(workers_push(workers, POOL_QUICK, &call), "take a call");
    while (sem_wait(&reached) < 0)
        continue;
    pthread_join(stopper, NULL);
    ok(atomic_load(&went_on), "a call goes on to the slow pool while they end");
    is_int(atomic_load(&slow_calls), 1, "which is finished before they have ended");
    ok(!workers_push(workers, POOL_QUICK, &call), "afterwards a call is refused");
    is_int((long long)workers_waiting(workers, POOL_SLOW), 0, "and none waits");
    workers_free(workers);
}

static void test_pools_without_threads(void)
{
    struct error err = ERROR_INIT;
    struct workers *w;
    int live = atomic_load(&hook_live), refused = 0;
    for (int n = 1; n <= 4; n++) {
        atomic_store(&hook_refuse_after, n);
        refused += workers_new(&pool_options, &w, &err) == ERR_LIMIT;
    }
    atomic_store(&hook_refuse_after, 0);
    is_int(refused, 4, "worker pools that get too few threads are refused");
    is_int(atomic_load(&hook_live), live, "and leave none behind");
}

int main(void)
{
    f = fixture_new();
    test_clip_open(1);
    gallery_index(f.db, f.photos);
    folders[0] = f.photos;
    sem_init(&reached, 0, 0);
    sem_init(&go_on, 0, 0);
    server.options = (struct server_options){
        .gallery = f.db,
        .clip = test_clip,
        .model_id = "mini",
        .folders = folders,
        .folder_count = 1,
        .llm = {.provider = "openai", .model = "none", .base_url = "http://127.0.0.1:1/v1"}};
    test_end_at_start();
    test_end_while_prepared();
    test_stop_while_prepared();
    test_stop_at_start();
    test_answer_without_thread();
    test_crowd();
    test_index_without_thread();
    test_index_end();
    test_index_watched();
    test_run_with_few_threads();
    test_towers_without_threads();
    test_slow_at_stop();
    test_pools_without_threads();
    clip_close(test_clip);
    fixture_release(&f);
    return done_testing();
}
