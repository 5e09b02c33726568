/* SPDX-License-Identifier: MIT */
/* Token buckets in a hash table of fixed size. */
#include "server/throttle.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

#define ADDRESSES 1024
#define WAYS 4 /* associativity: places that a name may have */
#define NAME_SIZE 64

struct bucket {
    char name[NAME_SIZE];
    double tokens, at; /* tokens at clock_seconds `at`; negative: owed */
    double owed_at;
};

struct throttle {
    pthread_mutex_t lock;
    double burst, per_second;
    uint32_t seed; /* so that nobody can choose names that collide with another's */
    struct bucket buckets[ADDRESSES];
};

struct throttle *throttle_new(double burst, double per_second)
{
    struct throttle *t = xcalloc(1, sizeof *t);
    t->burst = burst;
    t->per_second = per_second;
    t->seed = (uint32_t)random_id();
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

void throttle_free(struct throttle *t)
{
    if (!t)
        return;
    pthread_mutex_destroy(&t->lock);
    free(t);
}

/* FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/) with a random start. */
static uint32_t hash_name(const struct throttle *t, const char *name)
{
    uint32_t h = 2166136261U ^ t->seed;
    for (; *name; name++)
        h = (h ^ (uint8_t)*name) * 16777619U;
    return h ^ h >> 15;
}

static void fill_bucket(const struct throttle *t, struct bucket *b, double now)
{
    b->tokens += (now - b->at) * t->per_second;
    b->tokens = b->tokens < t->burst ? b->tokens : t->burst;
    b->at = now;
}

/* The name's bucket, refilled up to now; replaces the least recently used one when it has none. */
static struct bucket *find_bucket(struct throttle *t, const char *name)
{
    double now = clock_seconds();
    uint32_t first = hash_name(t, name);
    struct bucket *oldest = NULL;
    for (uint32_t i = 0; i < WAYS; i++) {
        struct bucket *b = &t->buckets[(first + i) % ADDRESSES];
        if (strcmp(b->name, name) == 0) {
            fill_bucket(t, b, now);
            return b;
        }
        if (!oldest || b->at < oldest->at)
            oldest = b;
    }
    *oldest = (struct bucket){.tokens = t->burst, .at = now};
    text_copy(oldest->name, sizeof oldest->name, name);
    return oldest;
}

double throttle_take(struct throttle *t, const char *name)
{
    pthread_mutex_lock(&t->lock);
    struct bucket *b = find_bucket(t, name);
    double wait = b->tokens >= 1 ? 0 : (1 - b->tokens) / t->per_second;
    if (wait == 0)
        b->tokens -= 1;
    pthread_mutex_unlock(&t->lock);
    return wait;
}

void throttle_owe(struct throttle *t, const char *name)
{
    pthread_mutex_lock(&t->lock);
    struct bucket *b = find_bucket(t, name);
    b->tokens = b->tokens - 1 > -t->burst ? b->tokens - 1 : -t->burst;
    b->owed_at = b->at;
    pthread_mutex_unlock(&t->lock);
}

double throttle_missing(struct throttle *t, const char *name, double *ret_last)
{
    pthread_mutex_lock(&t->lock);
    const struct bucket *b = find_bucket(t, name);
    double missing = b->tokens >= 1 ? 0 : 1 - b->tokens;
    *ret_last = b->owed_at;
    pthread_mutex_unlock(&t->lock);
    return missing;
}
