/* SPDX-License-Identifier: MIT */
/* Counts wrong passwords by network, as tokens owed to a throttle. */
#include "server/guesses.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "server/network.h"
#include "server/throttle.h"

#define AT_ONCE 5
#define FORGIVEN_EVERY_S 20.0
#define FIRST_WAIT_S 0.5 /* doubled for each token owed */
#define LONGEST_WAIT_S 16.0
#define ALL_AT_ONCE 30 /* of all networks together */
#define ALL_PER_S 1.0
#define LONGEST_BRAKE_S 1.0
#define EVERYBODY "all" /* not the name of a network */
#define KNOWN 64

struct guesses {
    struct throttle *by_network, *all;
    pthread_mutex_t lock;
    char known[KNOWN][NETWORK_NAME_SIZE]; /* networks that sent right passwords, a ring buffer */
    size_t next_known;
};

struct guesses *guesses_new(void)
{
    struct guesses *g = xcalloc(1, sizeof *g);
    g->by_network = throttle_new(AT_ONCE, 1 / FORGIVEN_EVERY_S);
    g->all = throttle_new(ALL_AT_ONCE, ALL_PER_S);
    pthread_mutex_init(&g->lock, NULL);
    return g;
}

void guesses_free(struct guesses *g)
{
    if (!g)
        return;
    throttle_free(g->by_network);
    throttle_free(g->all);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

/* Locked. */
static bool is_in_ring(const struct guesses *g, const char *network)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (strcmp(g->known[i], network) == 0)
            return true;
    return false;
}

static bool is_known(struct guesses *g, const char *network)
{
    pthread_mutex_lock(&g->lock);
    bool known = is_in_ring(g, network);
    pthread_mutex_unlock(&g->lock);
    return known;
}

void guesses_add(struct guesses *g, const char *network, bool right)
{
    if (!right) {
        throttle_owe(g->by_network, network);
        throttle_owe(g->all, EVERYBODY);
        return;
    }
    pthread_mutex_lock(&g->lock);
    if (!is_in_ring(g, network))
        text_copy(g->known[g->next_known++ % KNOWN], NETWORK_NAME_SIZE, network);
    pthread_mutex_unlock(&g->lock);
}

double guesses_next_at(struct guesses *g, const char *network)
{
    double last, last_of_all;
    double missing = throttle_missing(g->by_network, network, &last);
    double missing_of_all = throttle_missing(g->all, EVERYBODY, &last_of_all);
    double at = 0;
    if (missing > 0)
        at = last + fmin(LONGEST_WAIT_S, exp2(missing) * FIRST_WAIT_S / 2);
    if (missing_of_all > 0 && !is_known(g, network))
        at = fmax(at, last_of_all + fmin(LONGEST_BRAKE_S, missing_of_all));
    return at;
}

double guesses_guilt(struct guesses *g, const char *network)
{
    double last;
    return throttle_missing(g->by_network, network, &last);
}
