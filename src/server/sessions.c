/* SPDX-License-Identifier: MIT */
/* Sessions of signed-in browsers, in memory. */
#include "server/sessions.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/random.h"

#define MOST 256

struct session {
    uint8_t hash[HASH_BYTES]; /* of the name: a copy of this memory signs nobody in */
    double until;             /* clock_seconds; 0: free */
};

struct sessions {
    pthread_mutex_t lock;
    struct session items[MOST];
};

struct sessions *sessions_new(void)
{
    struct sessions *s = xcalloc(1, sizeof *s);
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

void sessions_free(struct sessions *s)
{
    if (!s)
        return;
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void sessions_open(struct sessions *s, char ret_name[SESSION_NAME_SIZE])
{
    random_hex(ret_name, SESSION_NAME_SIZE / 2);
    pthread_mutex_lock(&s->lock);
    struct session *oldest = s->items;
    for (struct session *i = s->items; i < s->items + MOST; i++)
        if (i->until < oldest->until)
            oldest = i;
    hash_bytes(ret_name, SESSION_NAME_SIZE - 1, oldest->hash);
    oldest->until = clock_seconds() + SESSION_S;
    pthread_mutex_unlock(&s->lock);
}

/* Locked; NULL when there is none. */
static struct session *find(struct sessions *s, const char *name)
{
    uint8_t hash[HASH_BYTES];
    double now = clock_seconds();
    hash_bytes(name, strlen(name), hash);
    for (struct session *i = s->items; i < s->items + MOST; i++)
        if (i->until > now && memcmp(i->hash, hash, HASH_BYTES) == 0)
            return i;
    return NULL;
}

bool sessions_has(struct sessions *s, const char *name)
{
    pthread_mutex_lock(&s->lock);
    bool found = find(s, name) != NULL;
    pthread_mutex_unlock(&s->lock);
    return found;
}

void sessions_end(struct sessions *s, const char *name)
{
    pthread_mutex_lock(&s->lock);
    struct session *i = find(s, name);
    if (i)
        i->until = 0;
    pthread_mutex_unlock(&s->lock);
}
