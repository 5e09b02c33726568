/* SPDX-License-Identifier: MIT */
/* The thread that waits for rows without a vector, and reads their files. */
#include "server/filling.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/thread.h"
#include "indexer/missing_rows.h"
#include "server/server_internal.h"
#include "store/missing.h"

/* The time after which rows are looked for although the database has told of none: a file that
 * could not be read may be there now. */
#define LOOK_S 3600.0
/* Pauses after a lost connection, and after a refusal, which is not taken back in the next moment.
 */
#define RETRY_S 10
#define RETRY_REFUSED_S 600

struct filling {
    struct server *server;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool stop;  /* with the lock held */
    char *said; /* the problem that was logged last; the thread's own */
};

static bool is_stopped(void *context)
{
    struct filling *f = context;
    pthread_mutex_lock(&f->lock);
    bool stop = f->stop;
    pthread_mutex_unlock(&f->lock);
    return stop;
}

static void pause_for(struct filling *f, int seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    pthread_mutex_lock(&f->lock);
    while (!f->stop && pthread_cond_timedwait(&f->woken, &f->lock, &until) != ETIMEDOUT)
        continue;
    pthread_mutex_unlock(&f->lock);
}

/* Logs a problem unless it is the one that was logged last. */
static void say_problem(struct filling *f, const char *sentence)
{
    if (f->said && strcmp(f->said, sentence) == 0)
        return;
    server_log(f->server, "rows without a vector are not filled now: %s", sentence);
    free(f->said);
    f->said = xstrdup(sentence);
}

static void on_notice(void *context, const char *sentence)
{
    const struct filling *f = context;
    server_log(f->server, "%s", sentence);
}

static int open_store(struct filling *f, enum store_mode mode, struct store **ret_store,
                      struct error *err)
{
    struct store_options how = {.notice = on_notice, .cancelled = is_stopped, .context = f};
    return store_open_with(f->server->options.gallery, mode, &how, ret_store, err);
}

static int fill_rows(struct filling *f, struct error *err)
{
    const struct server_options *o = &f->server->options;
    AUTO(store) *store = NULL;
    struct index_report report = {0};
    struct index_options options = {.decode_threads = o->index_threads,
                                    .thumbs = o->thumbs,
                                    .cancelled = is_stopped,
                                    .context = f};
    int rc = open_store(f, STORE_WRITE, &store, err);
    if (!rc)
        rc = index_missing_rows(store, o->clip, o->model_id, &options, &report, err);
    if (!rc && report.failed)
        server_log(f->server,
                   "%" PRId64 " of the rows without a vector could not be filled: `keepsake status "
                   "--failures` lists the reasons",
                   report.failed);
    if (!rc && report.decoded)
        rc = store_tend_index(store, err);
    return rc;
}

enum { ROW_FOUND = 1 };

static int find_row(void *context, const char *path, const char *reason)
{
    (void)context, (void)path, (void)reason;
    return ROW_FOUND;
}

/* The store for writing is opened only when there is a row, so that a user without the right to
 * write can serve the gallery. *ret_wait is the time until the next look. */
static int look_for_rows(struct filling *f, struct store *store, double *ret_wait,
                         struct error *err)
{
    struct error problem = ERROR_INIT;
    int rc = store_list_missing(store, find_row, NULL, err);
    *ret_wait = LOOK_S;
    if (rc != ROW_FOUND)
        return rc;
    rc = fill_rows(f, &problem);
    if (rc == ERR_CANCELLED || rc == ERR_NETWORK)
        return error_set(err, rc, "%s", problem.message);
    if (!rc)
        return 0;
    say_problem(f, problem.message);
    *ret_wait = RETRY_REFUSED_S;
    return 0;
}

/* The first wait makes the database tell of rows from then on. */
static int watch_gallery(struct filling *f, struct error *err)
{
    AUTO(store) *store = NULL;
    bool told;
    int rc = open_store(f, STORE_READ, &store, err);
    if (!rc)
        rc = store_wait_missing(store, 0, &told, err);
    while (!rc) {
        double wait;
        rc = look_for_rows(f, store, &wait, err);
        if (!rc)
            rc = store_wait_missing(store, wait, &told, err);
    }
    return rc;
}

static void *thread_main(void *context)
{
    struct filling *f = context;
    struct error err = ERROR_INIT;
    while (!is_stopped(f)) {
        int rc = watch_gallery(f, &err);
        if (rc == ERR_CANCELLED)
            continue;
        say_problem(f, err.message);
        pause_for(f, rc == ERR_NETWORK ? RETRY_S : RETRY_REFUSED_S);
    }
    return NULL;
}

static struct filling *new_filling(struct server *server)
{
    struct filling *f = xcalloc(1, sizeof *f);
    pthread_condattr_t monotonic;
    f->server = server;
    pthread_mutex_init(&f->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&f->woken, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return f;
}

static void release_filling(struct filling *f)
{
    pthread_cond_destroy(&f->woken);
    pthread_mutex_destroy(&f->lock);
    free(f->said);
    free(f);
}

int filling_start(struct server *server, struct filling **ret_filling, struct error *err)
{
    *ret_filling = NULL;
    if (store_is_file(server->options.gallery))
        return 0;
    struct filling *f = new_filling(server);
    int rc = thread_start(&f->thread, thread_main, f, err);
    if (rc)
        release_filling(f);
    else
        *ret_filling = f;
    return rc;
}

void filling_end(struct filling *f)
{
    if (!f)
        return;
    pthread_mutex_lock(&f->lock);
    f->stop = true;
    pthread_cond_signal(&f->woken);
    pthread_mutex_unlock(&f->lock);
}

void filling_free(struct filling *f)
{
    if (!f)
        return;
    filling_end(f);
    pthread_join(f->thread, NULL);
    release_filling(f);
}
