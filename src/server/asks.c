/* SPDX-License-Identifier: MIT */
/* The server's conversations: who has one checked out, and the thread that answers. */
#include "server/asks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/thread.h"
#include "search/folder.h"
#include "server/asks_events.h"
#include "server/server_internal.h"

#define CONVERSATIONS 16
#define ANSWERS 4
#define IDLE_S 3600.0

struct conversation {
    char id[33];
    struct asks *asks;
    struct store *store;
    struct llm *llm;
    struct ask *ask;
    /* Guarded by asks->lock. */
    bool used;    /* checked out: by a handler, or by the thread that answers */
    bool streams; /* checked out by the thread that answers */
    bool dropped; /* dropped while checked out: no longer in the list, and freed when returned */
    double used_at;
    /* Owned by the thread that has checked it out. */
    bool prepared;
    bool has_thread; /* to be joined */
    pthread_t thread;
    struct answering answering; /* while it streams; its `stop` also ends the preparation */
};

struct asks {
    struct server *server;
    pthread_mutex_t lock; /* never held while joining a thread or reading a gallery */
    pthread_cond_t ended; /* signalled when an answer ends */
    struct conversation *items[CONVERSATIONS];
    size_t answers;
    bool stopping;
};

struct asks *asks_new(struct server *server)
{
    struct asks *asks = xcalloc(1, sizeof *asks);
    asks->server = server;
    pthread_mutex_init(&asks->lock, NULL);
    pthread_cond_init(&asks->ended, NULL);
    return asks;
}

static void close_conversation(struct conversation *c)
{
    if (!c)
        return;
    if (c->has_thread)
        pthread_join(c->thread, NULL);
    ask_close(c->ask);
    llm_close(c->llm);
    store_close(c->store);
    free(c);
}

void asks_stop(struct asks *asks)
{
    pthread_mutex_lock(&asks->lock);
    asks->stopping = true;
    for (size_t i = 0; i < CONVERSATIONS; i++)
        if (asks->items[i])
            atomic_store(&asks->items[i]->answering.stop, true);
    while (asks->answers > 0)
        pthread_cond_wait(&asks->ended, &asks->lock);
    pthread_mutex_unlock(&asks->lock);
}

void asks_free(struct asks *asks)
{
    if (!asks)
        return;
    asks_stop(asks);
    for (size_t i = 0; i < CONVERSATIONS; i++)
        close_conversation(asks->items[i]);
    pthread_cond_destroy(&asks->ended);
    pthread_mutex_destroy(&asks->lock);
    free(asks);
}

size_t asks_count(struct asks *asks)
{
    size_t count = 0;
    pthread_mutex_lock(&asks->lock);
    for (size_t i = 0; i < CONVERSATIONS; i++)
        count += asks->items[i] != NULL;
    pthread_mutex_unlock(&asks->lock);
    return count;
}

const char *conversation_id(const struct conversation *c)
{
    return c->id;
}

const struct outbox *conversation_outbox(const struct conversation *c)
{
    return ask_outbox(c->ask);
}

/* ---- finding and making ---- */

/* Locked. A free place, or that of a conversation unused for long; NULL: none. */
static struct conversation **find_place(struct asks *asks, struct conversation **ret_old)
{
    double now = clock_seconds();
    struct conversation **oldest = NULL;
    *ret_old = NULL;
    for (size_t i = 0; i < CONVERSATIONS; i++) {
        struct conversation **place = &asks->items[i];
        if (!*place)
            return place;
        if (!(*place)->used && (!oldest || (*place)->used_at < (*oldest)->used_at))
            oldest = place;
    }
    if (!oldest || now - (*oldest)->used_at < IDLE_S / 60)
        return NULL;
    *ret_old = *oldest;
    *oldest = NULL;
    return oldest;
}

/* Locked. */
static struct conversation **find_conversation(struct asks *asks, const char *id)
{
    for (size_t i = 0; i < CONVERSATIONS; i++)
        if (asks->items[i] && strcmp(asks->items[i]->id, id) == 0)
            return &asks->items[i];
    return NULL;
}

/* Locked. Removes conversations that were unused for long; the caller closes them. */
static size_t take_stale(struct asks *asks, struct conversation *ret_stale[CONVERSATIONS])
{
    size_t n = 0;
    for (size_t i = 0; i < CONVERSATIONS; i++) {
        struct conversation *c = asks->items[i];
        if (!c || c->used || clock_seconds() - c->used_at < IDLE_S)
            continue;
        ret_stale[n++] = c;
        asks->items[i] = NULL;
    }
    return n;
}

static void drop_stale(struct asks *asks)
{
    struct conversation *stale[CONVERSATIONS];
    pthread_mutex_lock(&asks->lock);
    size_t n = take_stale(asks, stale);
    pthread_mutex_unlock(&asks->lock);
    for (size_t i = 0; i < n; i++)
        close_conversation(stale[i]);
}

/* ---- checking out and returning ---- */

/* Locked. */
static int check_running(const struct asks *asks, struct error *err)
{
    return asks->stopping ? error_set(err, ERR_LIMIT, "the server is stopping") : 0;
}

static int gone_conversation(struct error *err)
{
    return error_set(err, ERR_NOT_FOUND, "this conversation has ended: begin a new one");
}

/* Locked. */
static int mark_used(struct asks *asks, struct conversation **found, struct error *err)
{
    int rc = check_running(asks, err);
    if (rc)
        return rc;
    if (!found)
        return gone_conversation(err);
    if ((*found)->used)
        return error_set(err, ERR_MISMATCH,
                         "this conversation has an answer in progress: wait, or stop the answer");
    (*found)->used = true;
    atomic_store(&(*found)->answering.stop, false);
    return 0;
}

static int take_conversation(struct asks *asks, const char *id, struct conversation **ret_c,
                             struct error *err)
{
    pthread_mutex_lock(&asks->lock);
    struct conversation **found = find_conversation(asks, id);
    int rc = mark_used(asks, found, err);
    if (!rc)
        *ret_c = *found;
    pthread_mutex_unlock(&asks->lock);
    return rc;
}

void asks_put_back(struct asks *asks, struct conversation *c)
{
    pthread_mutex_lock(&asks->lock);
    bool dropped = c->dropped;
    c->used = false;
    c->used_at = clock_seconds();
    pthread_mutex_unlock(&asks->lock);
    if (dropped)
        close_conversation(c);
}

int asks_take(struct asks *asks, const char *id, struct conversation **ret_c, struct error *err)
{
    struct conversation *c;
    int rc = take_conversation(asks, id, &c, err);
    if (rc)
        return rc;
    if (c->prepared) {
        *ret_c = c;
        return 0;
    }
    asks_put_back(asks, c);
    return error_set(err, ERR_MISMATCH, "no question is prepared in this conversation");
}

/* ---- preparing ---- */

static bool may_proceed(void *context)
{
    struct conversation *c = context;
    return !atomic_load(&c->answering.stop);
}

static int open_conversation(struct asks *asks, const struct asks_question *question,
                             struct conversation **ret_c, struct error *err)
{
    const struct server_options *o = &asks->server->options;
    struct conversation *c = xcalloc(1, sizeof *c);
    c->asks = asks;
    c->used = true;
    random_hex(c->id, sizeof c->id / 2);
    struct store_options how = {.cancelled = server_is_impatient, .context = asks->server};
    int rc = store_open_with(o->gallery, STORE_WRITE, &how, &c->store,
                             err); /* for writing: the ledger */
    char *found = NULL;
    if (!rc && question->filter.folder)
        rc = folder_find(c->store, question->filter.folder, false, &found, err);
    AUTO_FREE char *folder = found;
    struct ask_options options = {.k = question->k,
                                  .facts = question->facts,
                                  .include_weak = question->include_weak,
                                  .more = question->more,
                                  .principal = question->principal,
                                  .proceed = may_proceed,
                                  .context = c,
                                  .filter = question->filter};
    options.filter.folder = folder;
    if (!rc)
        rc = llm_open(&o->llm, &c->llm, err);
    if (!rc)
        rc = ask_open(c->store, o->clip, o->model_id, c->llm, &options, &c->ask, err);
    if (rc)
        close_conversation(c);
    else
        *ret_c = c;
    return rc;
}

static int no_place(struct error *err)
{
    return error_set(err, ERR_LIMIT, "too many conversations (%d): end one first", CONVERSATIONS);
}

static int add_conversation(struct asks *asks, const struct asks_question *question,
                            struct conversation **ret_c, struct error *err)
{
    struct conversation *c, *old = NULL;
    int rc = open_conversation(asks, question, &c, err);
    if (rc)
        return rc;
    pthread_mutex_lock(&asks->lock);
    rc = check_running(asks, err);
    struct conversation **place = rc ? NULL : find_place(asks, &old);
    if (place)
        *place = c;
    else if (!rc)
        rc = no_place(err);
    pthread_mutex_unlock(&asks->lock);
    close_conversation(old);
    if (rc)
        close_conversation(c);
    else
        *ret_c = c;
    return rc;
}

/* After a long preparation: fails if the conversation was dropped or stopped in the meantime. */
static int check_wanted(struct asks *asks, const struct conversation *c, struct error *err)
{
    pthread_mutex_lock(&asks->lock);
    int rc = c->dropped ? gone_conversation(err) : check_running(asks, err);
    pthread_mutex_unlock(&asks->lock);
    return rc;
}

int asks_prepare(struct asks *asks, const struct asks_question *question,
                 struct conversation **ret_c, struct error *err)
{
    struct conversation *c;
    drop_stale(asks);
    int rc = question->conversation ? take_conversation(asks, question->conversation, &c, err)
                                    : add_conversation(asks, question, &c, err);
    if (rc)
        return rc;
    struct error why = ERROR_INIT;
    c->prepared = false;
    ask_about(c->ask, question->photo);
    rc = ask_prepare(c->ask, question->question, &why);
    c->prepared = rc == 0;
    if (rc)
        error_set(err, rc, "%s", why.message);
    int ended = check_wanted(asks, c, err);
    if (ended)
        rc = ended;
    if (rc)
        asks_put_back(asks, c);
    else
        *ret_c = c;
    return rc;
}

/* ---- sending ---- */

static void *answer_main(void *context)
{
    struct conversation *c = context;
    struct asks *asks = c->asks;
    answering_run(&c->answering, c->ask, c->id);
    pthread_mutex_lock(&asks->lock);
    events_unref(c->answering.events);
    c->answering.events = NULL;
    c->used = c->streams = false;
    c->used_at = clock_seconds();
    asks->answers--;
    pthread_cond_broadcast(&asks->ended);
    pthread_mutex_unlock(&asks->lock);
    return NULL;
}

/* Locked. */
static int check_start(struct asks *asks, const struct conversation *c, struct error *err)
{
    int rc = check_running(asks, err);
    if (!rc && c->dropped)
        rc = gone_conversation(err);
    if (!rc && asks->answers >= ANSWERS)
        rc = error_set(err, ERR_LIMIT,
                       "too many questions are being answered: try again in a moment");
    return rc;
}

/* Locked, so that the thread cannot end before its existence is recorded. */
static int start_thread(struct asks *asks, struct conversation *c, struct error *err)
{
    int rc = thread_start(&c->thread, answer_main, c, err);
    if (rc)
        return rc;
    c->has_thread = c->streams = true;
    c->prepared = false;
    asks->answers++;
    return 0;
}

/* On failure the question stays prepared. */
static int start_answer(struct asks *asks, struct conversation *c, bool more_photos,
                        struct events **ret_events, struct error *err)
{
    AUTO(events) *events = events_new();
    if (c->has_thread)
        pthread_join(c->thread, NULL); /* of the previous answer */
    c->has_thread = false;
    c->answering.events = events;
    c->answering.more_photos = more_photos;
    pthread_mutex_lock(&asks->lock);
    int rc = check_start(asks, c, err);
    if (!rc)
        rc = start_thread(asks, c, err);
    if (!rc)
        *ret_events = events_ref(events);
    pthread_mutex_unlock(&asks->lock);
    if (rc)
        c->answering.events = NULL;
    else
        events = NULL; /* owned by the thread now */
    return rc;
}

static bool is_among(int64_t id, const json_t *ids)
{
    for (size_t i = 0; i < json_array_size(ids); i++)
        if (json_integer_value(json_array_get(ids, i)) == id)
            return true;
    return false;
}

/* Drops the photos that may not be sent. Dropping changes the outbox, so the ids are collected
 * first. */
static int trim(struct ask *ask, const json_t *kept, struct error *err)
{
    const struct outbox *outbox = ask_outbox(ask);
    size_t count = outbox->count, dropped = 0;
    AUTO_FREE int64_t *drop = xmalloc((count + 1) * sizeof *drop);
    for (size_t i = 0; i < count; i++)
        if (!is_among(outbox->photos[i].photo.id, kept))
            drop[dropped++] = outbox->photos[i].photo.id;
    if (count - dropped < json_array_size(kept))
        return error_set(err, ERR_NOT_FOUND,
                         "\"photos\" contains a photo that is not in the prepared outbox");
    int rc = 0;
    for (size_t i = 0; !rc && i < dropped; i++)
        rc = ask_drop(ask, drop[i], err);
    return rc;
}

int asks_send(struct asks *asks, struct conversation *c, const struct asks_consent *consent,
              struct events **ret_events, struct error *err)
{
    int rc = ask_outbox(c->ask)->count > 0 ? llm_check_key(c->llm, err) : 0;
    if (!rc && consent->photos)
        rc = trim(c->ask, consent->photos, err);
    if (!rc)
        rc = start_answer(asks, c, consent->more_photos, ret_events, err);
    if (rc)
        asks_put_back(asks, c);
    return rc;
}

/* Locked. Removes the conversation from the list; true when nobody has it checked out. */
static bool drop_conversation(struct conversation **place)
{
    struct conversation *c = *place;
    *place = NULL;
    c->dropped = true;
    atomic_store(&c->answering.stop, true);
    return !c->used;
}

int asks_end(struct asks *asks, const char *id, struct error *err)
{
    struct conversation *free_now = NULL;
    pthread_mutex_lock(&asks->lock);
    struct conversation **found = find_conversation(asks, id);
    struct conversation *c = found ? *found : NULL;
    if (c && c->streams)
        atomic_store(&c->answering.stop, true);
    else if (c && drop_conversation(found))
        free_now = c;
    pthread_mutex_unlock(&asks->lock);
    close_conversation(free_now);
    return c ? 0 : gone_conversation(err);
}
