/* SPDX-License-Identifier: MIT */
/* The index run of the server, its thread and its watchers. */
#include "server/indexing.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/thread.h"
#include "forms/forms.h"
#include "indexer/indexer.h"
#include "server/server_internal.h"

#define WATCHERS 32
#define TELL_EVERY_S 0.5

struct indexing {
    struct server *server;
    pthread_mutex_t lock;
    pthread_t thread;
    bool has_thread; /* to be joined */
    bool running, ran;
    bool interrupted;          /* the last run was stopped before its end */
    bool ended;                /* the server is about to stop: no more runs, no more watchers */
    atomic_bool stop;          /* asks the run to stop; set and cleared with the lock held */
    struct index_progress now; /* of this run, or the final state of the last one */
    char *problem;
    double told_at;
    struct events *watchers[WATCHERS];
};

struct indexing *indexing_new(struct server *server)
{
    struct indexing *i = xcalloc(1, sizeof *i);
    i->server = server;
    pthread_mutex_init(&i->lock, NULL);
    return i;
}

void indexing_free(struct indexing *i)
{
    if (!i)
        return;
    indexing_end(i);
    if (i->has_thread)
        pthread_join(i->thread, NULL);
    pthread_mutex_destroy(&i->lock);
    free(i->problem);
    free(i);
}

/* ---- watchers ---- */

/* Locked. */
static json_t *describe_state(struct indexing *i)
{
    const struct server_options *o = &i->server->options;
    json_t *object = json_object(), *folders = json_array();
    for (size_t n = 0; n < o->folder_count; n++) {
        AUTO_JSON *holder = json_object();
        json_set_text(holder, "folder", o->folders[n]);
        json_array_append(folders, json_object_get(holder, "folder"));
    }
    bool known = i->running && i->now.seconds_left >= 0;
    json_object_set_new(object, "running", json_boolean(i->running));
    json_object_set_new(object, "stopping", json_boolean(i->running && atomic_load(&i->stop)));
    json_object_set_new(object, "folders", folders);
    json_object_set_new(object, "walking", json_boolean(i->running && i->now.walking));
    json_object_set_new(object, "done", json_integer(i->now.done));
    json_object_set_new(object, "total", json_integer(i->now.total));
    json_object_set_new(object, "photos_per_second", json_real(i->now.photos_per_second));
    json_object_set_new(object, "seconds_left",
                        known ? json_real(i->now.seconds_left) : json_null());
    json_object_set_new(object, "report",
                        i->running || i->ran ? form_index_report(&i->now.report, i->interrupted)
                                             : json_null());
    json_object_set_new(object, "problem", i->problem ? json_string(i->problem) : json_null());
    return object;
}

/* Locked. Sends an event, and drops watchers that have gone. */
static void tell(struct indexing *i, const char *name, json_t *data)
{
    for (size_t n = 0; n < WATCHERS; n++)
        if (i->watchers[n] && !events_send(i->watchers[n], name, json_incref(data))) {
            events_unref(i->watchers[n]);
            i->watchers[n] = NULL;
        }
    json_decref(data);
}

/* Locked. */
static void tell_state(struct indexing *i)
{
    i->told_at = clock_seconds();
    tell(i, "index", describe_state(i));
}

json_t *indexing_state(struct indexing *i)
{
    pthread_mutex_lock(&i->lock);
    json_t *state = describe_state(i);
    pthread_mutex_unlock(&i->lock);
    return state;
}

/* Locked. */
static int about_to_stop(struct error *err)
{
    return error_set(err, ERR_LIMIT, "the server is stopping");
}

/* Locked. A free place, or that of a client that has gone; NULL: none. */
static struct events **find_place(struct indexing *i)
{
    for (size_t n = 0; n < WATCHERS; n++) {
        if (i->watchers[n] && events_is_abandoned(i->watchers[n])) {
            events_unref(i->watchers[n]);
            i->watchers[n] = NULL;
        }
        if (!i->watchers[n])
            return &i->watchers[n];
    }
    return NULL;
}

/* Locked. */
static int add_watcher(struct indexing *i, struct events **ret_events, struct error *err)
{
    struct events **place = find_place(i);
    if (i->ended)
        return about_to_stop(err);
    if (!place)
        return error_set(err, ERR_LIMIT,
                         "too many clients are watching the index run: try again later");
    *place = events_new();
    events_send(*place, "index", describe_state(i));
    *ret_events = events_ref(*place);
    return 0;
}

int indexing_watch(struct indexing *i, struct events **ret_events, struct error *err)
{
    pthread_mutex_lock(&i->lock);
    int rc = add_watcher(i, ret_events, err);
    pthread_mutex_unlock(&i->lock);
    return rc;
}

/* Locked. */
static void close_streams(struct indexing *i)
{
    for (size_t n = 0; n < WATCHERS; n++) {
        if (!i->watchers[n])
            continue;
        events_close(i->watchers[n]);
        events_unref(i->watchers[n]);
        i->watchers[n] = NULL;
    }
}

/* ---- the run ---- */

static void on_progress(void *context, const struct index_progress *now)
{
    struct indexing *i = context;
    pthread_mutex_lock(&i->lock);
    i->now = *now;
    if (clock_seconds() - i->told_at >= TELL_EVERY_S)
        tell_state(i);
    pthread_mutex_unlock(&i->lock);
}

static void on_note(void *context, const char *path, const char *sentence)
{
    struct indexing *i = context;
    json_t *note = json_object();
    if (path)
        json_set_text(note, "path", path);
    else
        json_object_set_new(note, "path", json_null());
    json_object_del(note, "path_base64");
    json_set_text(note, "sentence", sentence);
    json_object_del(note, "sentence_base64");
    pthread_mutex_lock(&i->lock);
    tell(i, "note", note);
    pthread_mutex_unlock(&i->lock);
}

static bool on_cancelled(void *context)
{
    struct indexing *i = context;
    return atomic_load(&i->stop);
}

static int index_folders(struct indexing *i, struct index_report *report, struct error *err)
{
    const struct server_options *o = &i->server->options;
    AUTO(store) *store = NULL;
    struct index_options options = {.decode_threads = o->index_threads,
                                    .thumbs = o->thumbs,
                                    .progress = on_progress,
                                    .note = on_note,
                                    .cancelled = on_cancelled,
                                    .context = i};
    struct store_options how = {.cancelled = on_cancelled, .context = i};
    int rc = store_open_with(o->gallery, STORE_WRITE, &how, &store, err);
    if (!rc)
        rc = index_run(store, o->clip, o->model_id, o->folders, o->folder_count, &options, report,
                       err);
    return rc ? rc : store_tend_index(store, err);
}

static void *thread_main(void *context)
{
    struct indexing *i = context;
    struct index_report report = {0};
    struct error err = ERROR_INIT;
    int rc = index_folders(i, &report, &err);
    pthread_mutex_lock(&i->lock);
    if (!rc || rc == ERR_CANCELLED)
        i->now.report = report;
    i->now.walking = false;
    if (rc && rc != ERR_CANCELLED)
        i->problem = xstrdup(err.message);
    i->interrupted = rc == ERR_CANCELLED;
    i->running = false;
    i->ran = true;
    tell_state(i);
    pthread_mutex_unlock(&i->lock);
    if (rc && rc != ERR_CANCELLED)
        server_log(i->server, "index: %s", err.message);
    return NULL;
}

/* Locked. */
static int check_start(const struct indexing *i, struct error *err)
{
    if (i->ended)
        return about_to_stop(err);
    if (i->server->options.folder_count == 0)
        return error_set(err, ERR_MISMATCH,
                         "no folders to index: start the server with `keepsake serve FOLDER`");
    if (i->running)
        return error_set(err, ERR_MISMATCH, "an index run is already in progress");
    return 0;
}

/* Locked, so that the thread waits at its first step until everything is recorded. The state of the
 * previous run stays when no thread can be started. */
static int start_run(struct indexing *i, struct error *err)
{
    int rc = check_start(i, err);
    if (rc)
        return rc;
    if (i->has_thread)
        pthread_join(i->thread, NULL); /* it has finished and takes no more locks */
    i->has_thread = false;
    atomic_store(&i->stop, false);
    rc = thread_start(&i->thread, thread_main, i, err);
    if (rc)
        return rc;
    i->has_thread = i->running = true;
    i->interrupted = false;
    free(i->problem);
    i->problem = NULL;
    i->now = (struct index_progress){.walking = true, .seconds_left = -1};
    tell_state(i);
    return 0;
}

int indexing_start(struct indexing *i, struct error *err)
{
    pthread_mutex_lock(&i->lock);
    int rc = start_run(i, err);
    pthread_mutex_unlock(&i->lock);
    return rc;
}

/* Locked. */
static bool ask_to_stop(struct indexing *i)
{
    atomic_store(&i->stop, true);
    if (i->running)
        tell_state(i);
    return i->running;
}

bool indexing_stop(struct indexing *i)
{
    pthread_mutex_lock(&i->lock);
    bool running = ask_to_stop(i);
    pthread_mutex_unlock(&i->lock);
    return running;
}

void indexing_end(struct indexing *i)
{
    pthread_mutex_lock(&i->lock);
    i->ended = true;
    ask_to_stop(i);
    close_streams(i);
    pthread_mutex_unlock(&i->lock);
}

bool indexing_is_running(struct indexing *i)
{
    pthread_mutex_lock(&i->lock);
    bool running = i->running;
    pthread_mutex_unlock(&i->lock);
    return running;
}
