/* SPDX-License-Identifier: MIT */
/* A bounded stream of server-sent events between a writing and a sending thread. */
#include "server/events.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/strbuf.h"

struct events {
    pthread_mutex_t lock;
    int refs;
    struct strbuf text; /* unsent from `at` on */
    size_t at;
    bool closed, abandoned, asleep;
    double last_write;
    void (*sleep)(void *context);
    void (*wake)(void *context);
    void *context;
};

struct events *events_new(void)
{
    struct events *e = xcalloc(1, sizeof *e);
    pthread_mutex_init(&e->lock, NULL);
    e->refs = 1;
    e->text.max = EVENTS_BYTES_MAX;
    e->last_write = clock_seconds();
    return e;
}

struct events *events_ref(struct events *e)
{
    pthread_mutex_lock(&e->lock);
    e->refs++;
    pthread_mutex_unlock(&e->lock);
    return e;
}

void events_unref(struct events *e)
{
    if (!e)
        return;
    pthread_mutex_lock(&e->lock);
    int left = --e->refs;
    pthread_mutex_unlock(&e->lock);
    if (left > 0)
        return;
    pthread_mutex_destroy(&e->lock);
    strbuf_release(&e->text);
    free(e);
}

/* Locked. */
static void wake(struct events *e)
{
    if (!e->asleep)
        return;
    e->asleep = false;
    e->wake(e->context);
}

/* Locked. */
static void write_text(struct events *e, const char *text, size_t length)
{
    if (e->at == e->text.length) {
        strbuf_clear(&e->text);
        e->at = 0;
    }
    if (strbuf_add(&e->text, text, length, NULL))
        e->abandoned = true;
    e->last_write = clock_seconds();
    wake(e);
}

bool events_send(struct events *e, const char *name, json_t *data)
{
    AUTO_FREE char *json = json_dumps(data, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(data);
    if (!json)
        BUG("an event that is not JSON");
    AUTO_FREE char *text = xasprintf("event: %s\ndata: %s\n\n", name, json);
    pthread_mutex_lock(&e->lock);
    if (!e->abandoned && !e->closed)
        write_text(e, text, strlen(text));
    bool read = !e->abandoned;
    pthread_mutex_unlock(&e->lock);
    return read;
}

void events_close(struct events *e)
{
    pthread_mutex_lock(&e->lock);
    e->closed = true;
    wake(e);
    pthread_mutex_unlock(&e->lock);
}

bool events_is_abandoned(struct events *e)
{
    pthread_mutex_lock(&e->lock);
    bool abandoned = e->abandoned;
    pthread_mutex_unlock(&e->lock);
    return abandoned;
}

void events_attach(struct events *e, void (*sleep)(void *context), void (*wake_up)(void *context),
                   void *context)
{
    pthread_mutex_lock(&e->lock);
    e->sleep = sleep;
    e->wake = wake_up;
    e->context = context;
    pthread_mutex_unlock(&e->lock);
}

long events_read(struct events *e, char *ret_data, size_t size)
{
    pthread_mutex_lock(&e->lock);
    size_t n = e->text.length - e->at;
    long result = (long)(n < size ? n : size);
    if (e->abandoned || (n == 0 && e->closed)) {
        result = EVENTS_END;
    } else if (n == 0) {
        e->asleep = true;
        e->sleep(e->context);
    } else {
        memcpy(ret_data, e->text.data + e->at, (size_t)result);
        e->at += (size_t)result;
    }
    pthread_mutex_unlock(&e->lock);
    return result;
}

void events_keep_alive(struct events *e, double silence_s)
{
    pthread_mutex_lock(&e->lock);
    if (!e->abandoned && !e->closed && clock_seconds() - e->last_write > silence_s)
        write_text(e, ":\n\n", 3);
    pthread_mutex_unlock(&e->lock);
}

void events_abandon(struct events *e)
{
    pthread_mutex_lock(&e->lock);
    e->abandoned = true;
    e->asleep = false; /* there is no reader left to wake */
    pthread_mutex_unlock(&e->lock);
}
