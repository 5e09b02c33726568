#include "server/throttle.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#define ADDRESSES 1024
#define WAYS 4 /* places an address may have */

struct bucket {
    char address[INET6_ADDRSTRLEN];
    double turns, at; /* at clock_seconds `at` */
};

struct throttle {
    pthread_mutex_t lock;
    double burst, per_second;
    struct bucket buckets[ADDRESSES];
};

struct throttle *throttle_new(double burst, double per_second)
{
    struct throttle *t = xcalloc(1, sizeof *t);
    t->burst = burst;
    t->per_second = per_second;
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

/* FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint32_t fnv(const char *text)
{
    uint32_t h = 2166136261U;
    for (; *text; text++)
        h = (h ^ (uint8_t)*text) * 16777619U;
    return h;
}

/* The address's bucket, filled up to now; in place of the one longest unused when it has none. */
static struct bucket *find(struct throttle *t, const char *address)
{
    double now = clock_seconds();
    uint32_t first = fnv(address);
    struct bucket *found = NULL;
    for (uint32_t i = 0; i < WAYS; i++) {
        struct bucket *b = &t->buckets[(first + i) % ADDRESSES];
        if (strcmp(b->address, address) == 0) {
            b->turns += (now - b->at) * t->per_second;
            b->turns = b->turns < t->burst ? b->turns : t->burst;
            b->at = now;
            return b;
        }
        if (!found || b->at < found->at)
            found = b;
    }
    text_copy(found->address, sizeof found->address, address);
    found->turns = t->burst;
    found->at = now;
    return found;
}

static double turn(struct throttle *t, const char *address, double cost)
{
    pthread_mutex_lock(&t->lock);
    struct bucket *b = find(t, address);
    double wait = b->turns >= 1 ? 0 : (1 - b->turns) / t->per_second;
    if (wait == 0)
        b->turns -= cost;
    pthread_mutex_unlock(&t->lock);
    return wait;
}

double throttle_take(struct throttle *t, const char *address)
{
    return turn(t, address, 1);
}

double throttle_wait(struct throttle *t, const char *address)
{
    return turn(t, address, 0);
}
