#include "server/asks.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "server/asks_events.h"
#include "server/parts.h"

#define CONVERSATIONS 16
#define ANSWERS 4
#define IDLE_S 3600.0

struct conversation {
    char id[33];
    struct asks *asks;
    struct store *store;
    struct llm *llm;
    struct ask *ask;
    char *folder, *from, *until, *label; /* what the filter points to */
    bool used, prepared, streams;
    double used_at;
    struct answering answering; /* while it streams */
    pthread_t thread;
    bool has_thread; /* to be joined */
};

struct asks {
    struct server *server;
    pthread_mutex_t lock;
    pthread_cond_t ended; /* an answer did */
    struct conversation *items[CONVERSATIONS];
    size_t answers;
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
    free(c->folder);
    free(c->from);
    free(c->until);
    free(c->label);
    free(c);
}

void asks_stop(struct asks *asks)
{
    pthread_mutex_lock(&asks->lock);
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

/* Locked. A place for a new one: free, or of one that was not used for long; NULL: none. */
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
static struct conversation **find(struct asks *asks, const char *id)
{
    for (size_t i = 0; i < CONVERSATIONS; i++)
        if (asks->items[i] && strcmp(asks->items[i]->id, id) == 0)
            return &asks->items[i];
    return NULL;
}

/* Locked. Those that nobody used for long; the caller closes them. */
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

static char *copy(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

static int open_conversation(struct asks *asks, const struct asks_question *question,
                             struct conversation **ret_c, struct error *err)
{
    const struct server_options *o = &asks->server->options;
    struct conversation *c = xcalloc(1, sizeof *c);
    c->asks = asks;
    c->used = true;
    c->folder = copy(question->filter.folder);
    c->from = copy(question->filter.from);
    c->until = copy(question->filter.until);
    c->label = copy(question->filter.label);
    random_hex(c->id, sizeof c->id / 2);
    struct ask_options options = {
        .k = question->k,
        .filter = {.folder = c->folder, .from = c->from, .until = c->until, .label = c->label}};
    int rc = store_open(o->gallery, STORE_WRITE, &c->store, err); /* the ledger */
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

static int add_conversation(struct asks *asks, const struct asks_question *question,
                            struct conversation **ret_c, struct error *err)
{
    struct conversation *c, *old = NULL;
    int rc = open_conversation(asks, question, &c, err);
    if (rc)
        return rc;
    pthread_mutex_lock(&asks->lock);
    struct conversation **place = find_place(asks, &old);
    if (place)
        *place = c;
    pthread_mutex_unlock(&asks->lock);
    close_conversation(old);
    if (!place) {
        close_conversation(c);
        return error_set(err, ERR_LIMIT, "there are %d conversations already: end one first",
                         CONVERSATIONS);
    }
    *ret_c = c;
    return 0;
}

static int take(struct asks *asks, const char *id, struct conversation **ret_c, struct error *err)
{
    int rc = 0;
    pthread_mutex_lock(&asks->lock);
    struct conversation **found = find(asks, id);
    if (!found)
        rc = error_set(err, ERR_NOT_FOUND,
                       "there is no such conversation any more: begin a new one");
    else if ((*found)->used)
        rc = error_set(err, ERR_MISMATCH, "this conversation waits for an answer");
    else
        (*found)->used = true;
    if (!rc)
        *ret_c = *found;
    pthread_mutex_unlock(&asks->lock);
    return rc;
}

void asks_put_back(struct asks *asks, struct conversation *c)
{
    pthread_mutex_lock(&asks->lock);
    c->used = false;
    c->used_at = clock_seconds();
    pthread_mutex_unlock(&asks->lock);
}

int asks_take(struct asks *asks, const char *id, struct conversation **ret_c, struct error *err)
{
    int rc = take(asks, id, ret_c, err);
    if (rc || (*ret_c)->prepared)
        return rc;
    asks_put_back(asks, *ret_c);
    return error_set(err, ERR_MISMATCH, "no question is prepared in this conversation");
}

int asks_prepare(struct asks *asks, const struct asks_question *question,
                 struct conversation **ret_c, struct error *err)
{
    struct conversation *c;
    drop_stale(asks);
    int rc = question->conversation ? take(asks, question->conversation, &c, err)
                                    : add_conversation(asks, question, &c, err);
    if (rc)
        return rc;
    c->prepared = false;
    rc = ask_prepare(c->ask, question->question, err);
    c->prepared = rc == 0;
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

static int reserve_answer(struct asks *asks, struct conversation *c, struct error *err)
{
    pthread_mutex_lock(&asks->lock);
    bool stopping = atomic_load(&asks->server->stopping);
    bool room = asks->answers < ANSWERS && !stopping;
    asks->answers += room;
    c->streams = room;
    pthread_mutex_unlock(&asks->lock);
    if (room)
        return 0;
    return error_set(err, ERR_LIMIT, "%s",
                     stopping ? "the server is about to stop"
                              : "too many questions are being answered: try again in a moment");
}

static int start_answer(struct asks *asks, struct conversation *c, bool more_photos,
                        struct events **ret_events, struct error *err)
{
    int rc = reserve_answer(asks, c, err);
    if (rc)
        return rc;
    if (c->has_thread)
        pthread_join(c->thread, NULL);
    c->prepared = false;
    struct events *events = events_new();
    c->answering.events = events_ref(events);
    c->answering.more_photos = more_photos;
    atomic_store(&c->answering.stop, false);
    c->has_thread = pthread_create(&c->thread, NULL, answer_main, c) == 0;
    if (!c->has_thread)
        BUG("no thread can be started");
    *ret_events = events;
    return 0;
}

static bool is_among(int64_t id, const json_t *ids)
{
    for (size_t i = 0; i < json_array_size(ids); i++)
        if (json_integer_value(json_array_get(ids, i)) == id)
            return true;
    return false;
}

/* Drops what may not go; dropping changes the outbox, so that the ids are noted first. */
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
                         "a photo that shall be sent is not among those that were prepared");
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

int asks_end(struct asks *asks, const char *id, struct error *err)
{
    struct conversation *drop = NULL;
    pthread_mutex_lock(&asks->lock);
    struct conversation **found = find(asks, id);
    bool known = found != NULL;
    if (found && (*found)->used) {
        atomic_store(&(*found)->answering.stop, true);
    } else if (found) {
        drop = *found;
        *found = NULL;
    }
    pthread_mutex_unlock(&asks->lock);
    close_conversation(drop);
    return known ? 0 : error_set(err, ERR_NOT_FOUND, "there is no such conversation any more");
}
