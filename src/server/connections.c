/* SPDX-License-Identifier: MIT */
/* Enforces limits of time and number on connections. */
#include "server/connections.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "server/network.h"

#define REPLY_S 30.0

enum activity { WAITING, READING, WORKING, SENDING };

/* In a list of all connections, the one whose state changed longest ago first. */
struct connection {
    struct connection *before, *after;
    int fd;
    enum activity activity;
    bool ended;      /* its socket was shut down */
    bool hung_up;    /* at the last sweep, the peer had hung up */
    double deadline; /* clock_seconds; 0: none */
    char address[INET6_ADDRSTRLEN], network[NETWORK_NAME_SIZE];
    bool loopback;
};

struct connections {
    struct connections_limits limits;
    pthread_mutex_t lock;
    struct connection ring; /* sentinel of the list */
    size_t count, busy;
};

struct connections *connections_new(const struct connections_limits *limits)
{
    struct connections *all = xcalloc(1, sizeof *all);
    all->limits = *limits;
    all->ring.before = all->ring.after = &all->ring;
    pthread_mutex_init(&all->lock, NULL);
    return all;
}

void connections_free(struct connections *all)
{
    if (!all)
        return;
    if (all->count > 0)
        BUG("%zu connections are still open", all->count);
    pthread_mutex_destroy(&all->lock);
    free(all);
}

static void name_address(const struct sockaddr *address, char ret_name[INET6_ADDRSTRLEN],
                         bool *ret_loopback)
{
    ret_name[0] = '\0';
    *ret_loopback = false;
    if (address && address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        inet_ntop(AF_INET, &in->sin_addr, ret_name, INET6_ADDRSTRLEN);
        *ret_loopback = ntohl(in->sin_addr.s_addr) >> 24 == 127;
    } else if (address && address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *)address;
        inet_ntop(AF_INET6, &in->sin6_addr, ret_name, INET6_ADDRSTRLEN);
        *ret_loopback = IN6_IS_ADDR_LOOPBACK(&in->sin6_addr) ||
                        (IN6_IS_ADDR_V4MAPPED(&in->sin6_addr) && in->sin6_addr.s6_addr[12] == 127);
    }
}

static void name_network(const char *address, char ret_name[NETWORK_NAME_SIZE])
{
    struct address parsed;
    ret_name[0] = '\0';
    if (address_parse(address, &parsed))
        address_network(&parsed, ret_name);
}

bool connections_may_accept(struct connections *all, const struct sockaddr *address)
{
    char name[INET6_ADDRSTRLEN], network[NETWORK_NAME_SIZE];
    bool loopback;
    size_t same = 0;
    name_address(address, name, &loopback);
    name_network(name, network);
    if (loopback || !all->limits.most_per_address)
        return true;
    pthread_mutex_lock(&all->lock);
    for (struct connection *c = all->ring.after; c != &all->ring; c = c->after)
        same += strcmp(c->network, network) == 0;
    pthread_mutex_unlock(&all->lock);
    return same < all->limits.most_per_address;
}

static void unlink_from(struct connection *c)
{
    c->before->after = c->after;
    c->after->before = c->before;
}

/* Moves the connection to the end of the list with a new state. The caller holds the lock. */
static void set_activity_locked(struct connections *all, struct connection *c,
                                enum activity activity, double seconds)
{
    all->busy += (activity != WAITING) - (c->activity != WAITING);
    c->activity = activity;
    c->deadline = seconds > 0 ? clock_seconds() + seconds : 0;
    if (c->before)
        unlink_from(c);
    c->before = all->ring.before;
    c->after = &all->ring;
    c->before->after = c->after->before = c;
}

static void set_activity(struct connections *all, struct connection *c, enum activity activity,
                         double seconds)
{
    pthread_mutex_lock(&all->lock);
    set_activity_locked(all, c, activity, seconds);
    pthread_mutex_unlock(&all->lock);
}

/* Shuts the socket down. The owner closes it when it sees the end; it counts until then. Locked. */
static void end(struct connection *c)
{
    c->ended = true;
    shutdown(c->fd, SHUT_RDWR);
}

static void end_oldest_waiting(struct connections *all)
{
    for (struct connection *c = all->ring.after; c != &all->ring; c = c->after)
        if (c->activity == WAITING && !c->ended) {
            end(c);
            return;
        }
}

struct connection *connections_add(struct connections *all, int fd, const struct sockaddr *address)
{
    struct connection *c = xcalloc(1, sizeof *c);
    c->fd = fd;
    name_address(address, c->address, &c->loopback);
    name_network(c->address, c->network);
    pthread_mutex_lock(&all->lock);
    if (all->count >= all->limits.most)
        end_oldest_waiting(all);
    all->count++;
    set_activity_locked(all, c, WAITING, all->limits.request_s);
    pthread_mutex_unlock(&all->lock);
    return c;
}

void connections_remove(struct connections *all, struct connection *c)
{
    pthread_mutex_lock(&all->lock);
    all->count--;
    all->busy -= c->activity != WAITING;
    unlink_from(c);
    pthread_mutex_unlock(&all->lock);
    free(c);
}

void connections_reading(struct connections *all, struct connection *c)
{
    set_activity(all, c, READING, all->limits.body_s);
}

void connections_working(struct connections *all, struct connection *c)
{
    set_activity(all, c, WORKING, 0);
}

void connections_sending(struct connections *all, struct connection *c, uint64_t bytes)
{
    set_activity(all, c, SENDING, REPLY_S + (double)bytes / all->limits.slowest_bytes_s);
}

void connections_idle(struct connections *all, struct connection *c)
{
    set_activity(all, c, WAITING, all->limits.idle_s);
}

/* The client has hung up before the whole body arrived. The owner of the sockets may have missed
 * it: edge-triggered epoll reports an end that comes with the last bytes only once. Counts only if
 * it was so at the previous sweep, because the owner may be reading the end of the body just now.
 */
static bool has_hung_up(struct connection *c)
{
    char byte;
    bool before = c->hung_up;
    c->hung_up = c->activity == READING && recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    return before && c->hung_up;
}

void connections_sweep(struct connections *all)
{
    double now = clock_seconds();
    pthread_mutex_lock(&all->lock);
    for (struct connection *c = all->ring.after; c != &all->ring; c = c->after)
        if (!c->ended && ((c->deadline > 0 && now > c->deadline) || has_hung_up(c)))
            end(c);
    pthread_mutex_unlock(&all->lock);
}

bool connections_are_too_many(struct connections *all)
{
    pthread_mutex_lock(&all->lock);
    bool too_many = all->busy > all->limits.most;
    pthread_mutex_unlock(&all->lock);
    return too_many;
}

size_t connections_count(struct connections *all)
{
    pthread_mutex_lock(&all->lock);
    size_t count = all->count;
    pthread_mutex_unlock(&all->lock);
    return count;
}

size_t connections_busy(struct connections *all)
{
    pthread_mutex_lock(&all->lock);
    size_t busy = all->busy;
    pthread_mutex_unlock(&all->lock);
    return busy;
}

const char *connection_address(const struct connection *c)
{
    return c->address;
}

bool connection_is_loopback(const struct connection *c)
{
    return c->loopback;
}
