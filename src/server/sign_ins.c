/* SPDX-License-Identifier: MIT */
/* The queue of passwords: chooses which is checked next, and when. */
#include "server/sign_ins.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/thread.h"
#include "server/network.h"

#define PLACES 64
#define PLACES_OF_ONE 4 /* per network */

struct place {
    void *call; /* NULL: free */
    uint64_t round;
    char network[NETWORK_NAME_SIZE];
};

struct sign_ins {
    struct sign_ins_options options;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct place places[PLACES];
    uint64_t round; /* of the place that was served last */
    bool stopping;
};

/* ---- places ---- */

/* The entries of one network: their number, and their first and last round (without entries: the
 * current round). Locked. */
struct queue_of_one {
    size_t count;
    struct place *first;
    uint64_t last_round;
};

static struct queue_of_one queue_of(struct sign_ins *s, const char *network)
{
    struct queue_of_one q = {.last_round = s->round};
    for (struct place *p = s->places; p < s->places + PLACES; p++) {
        if (!p->call || strcmp(p->network, network) != 0)
            continue;
        q.count++;
        q.first = !q.first || p->round < q.first->round ? p : q.first;
        q.last_round = p->round > q.last_round ? p->round : q.last_round;
    }
    return q;
}

/* A free place, else one of the network with the most wrong passwords if it has more than `guilt`;
 * NULL: none. Locked. */
static struct place *find_place(struct sign_ins *s, double guilt)
{
    struct place *worst = NULL;
    for (struct place *p = s->places; p < s->places + PLACES; p++) {
        if (!p->call)
            return p;
        double theirs = guesses_guilt(s->options.guesses, p->network);
        if (theirs > guilt) {
            guilt = theirs;
            worst = p;
        }
    }
    return worst;
}

/* Returns the call that is displaced, or NULL. Locked. */
static void *place_call(struct sign_ins *s, const char *network, void *call)
{
    struct queue_of_one q = queue_of(s, network);
    if (s->stopping)
        return call;
    if (q.first) { /* the newest is served first: others may have come and gone in between */
        void *older = q.first->call;
        q.first->call = call;
        call = older;
    }
    if (q.count >= PLACES_OF_ONE)
        return call;
    struct place *p = find_place(s, guesses_guilt(s->options.guesses, network));
    if (!p)
        return call;
    void *before = p->call;
    *p = (struct place){.call = call, .round = q.last_round + 1};
    text_copy(p->network, sizeof p->network, network);
    return before;
}

void sign_ins_push(struct sign_ins *s, const char *network, void *call)
{
    pthread_mutex_lock(&s->lock);
    void *refused = place_call(s, network, call);
    bool stopping = s->stopping;
    pthread_cond_signal(&s->changed);
    pthread_mutex_unlock(&s->lock);
    if (refused)
        s->options.refuse(s->options.context, refused, stopping);
}

/* ---- the thread ---- */

/* Of the places that are due, the one with the least guilt, then the lowest round; NULL: none
 * before *ret_at. Locked. */
static struct place *next_place(struct sign_ins *s, double now, double *ret_at)
{
    struct place *best = NULL;
    double least = 0;
    *ret_at = INFINITY;
    for (struct place *p = s->places; p < s->places + PLACES; p++) {
        if (!p->call)
            continue;
        double at = guesses_next_at(s->options.guesses, p->network);
        double guilt = guesses_guilt(s->options.guesses, p->network);
        if (at > now)
            *ret_at = fmin(*ret_at, at);
        else if (!best || guilt < least || (guilt <= least && p->round < best->round)) {
            best = p;
            least = guilt;
        }
    }
    return best;
}

/* Waits until something changes, or until the time `at`. Locked. */
static void wait_until(struct sign_ins *s, double at)
{
    if (!isfinite(at)) {
        pthread_cond_wait(&s->changed, &s->lock);
        return;
    }
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    double left = fmax(0, at - clock_seconds());
    double end = (double)until.tv_nsec / 1e9 + left;
    until.tv_sec += (time_t)end;
    until.tv_nsec = (long)((end - floor(end)) * 1e9);
    pthread_cond_timedwait(&s->changed, &s->lock, &until);
}

/* NULL: the queue was stopped. */
static void *take_next(struct sign_ins *s)
{
    void *call = NULL;
    pthread_mutex_lock(&s->lock);
    while (!s->stopping && !call) {
        double at;
        struct place *p = next_place(s, clock_seconds(), &at);
        if (!p) {
            wait_until(s, at);
            continue;
        }
        call = p->call;
        s->round = p->round > s->round ? p->round : s->round;
        p->call = NULL;
    }
    pthread_mutex_unlock(&s->lock);
    return call;
}

static void *sign_ins_main(void *context)
{
    struct sign_ins *s = context;
    for (void *call; (call = take_next(s));)
        s->options.check(s->options.context, call);
    return NULL;
}

/* ---- start and stop ---- */

int sign_ins_start(const struct sign_ins_options *options, struct sign_ins **ret_sign_ins,
                   struct error *err)
{
    struct sign_ins *s = xcalloc(1, sizeof *s);
    pthread_condattr_t steady;
    s->options = *options;
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &steady);
    pthread_condattr_destroy(&steady);
    int rc = thread_start(&s->thread, sign_ins_main, s, err);
    if (!rc) {
        *ret_sign_ins = s;
        return 0;
    }
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
    return rc;
}

void sign_ins_stop(struct sign_ins *s)
{
    pthread_mutex_lock(&s->lock);
    bool first = !s->stopping;
    s->stopping = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    if (!first)
        return;
    pthread_join(s->thread, NULL);
    for (struct place *p = s->places; p < s->places + PLACES; p++) {
        pthread_mutex_lock(&s->lock);
        void *call = p->call;
        p->call = NULL;
        pthread_mutex_unlock(&s->lock);
        if (call)
            s->options.refuse(s->options.context, call, true);
    }
}

void sign_ins_free(struct sign_ins *s)
{
    if (!s)
        return;
    sign_ins_stop(s);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
