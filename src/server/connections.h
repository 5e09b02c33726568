/* SPDX-License-Identifier: MIT */
/* The connections there are, so that no one can hold them: each has so long to send its request and
 * to take its reply, and when there are too many, those that ask for nothing go first.
 *
 * Only counts and times, and shutdown() of a socket whose time is over; whoever owns the sockets
 * then sees them end. May be used by any number of threads. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct connections;
struct connection;

struct connections_limits {
    size_t most;             /* more than so many: one that waits is ended, the oldest first */
    size_t most_per_address; /* of one IPv4 address or IPv6 /64 that is not this machine's; 0:
                                any number */
    double request_s;        /* from the connection's begin to the end of the request's headers */
    double idle_s;           /* between a reply's end and the end of the next request's headers */
    double body_s;           /* for the request's body */
    double slowest_bytes_s;  /* a reply of n bytes has 30 s and n / slowest_bytes_s */
};

struct connections *connections_new(const struct connections_limits *limits);
void connections_free(struct connections *all); /* must be empty */

/* Whether another one from this address may be accepted. */
bool connections_may_accept(struct connections *all, const struct sockaddr *address);
struct connection *connections_add(struct connections *all, int fd, const struct sockaddr *address);
/* Before the socket is closed. */
void connections_remove(struct connections *all, struct connection *c);

/* What it does now. */
void connections_reading(struct connections *all, struct connection *c); /* the request's body */
void connections_working(struct connections *all, struct connection *c); /* no limit on time */
void connections_sending(struct connections *all, struct connection *c, uint64_t bytes);
void connections_idle(struct connections *all, struct connection *c);

/* Ends those whose time is over, and those whose body will not come any more as the other side has
 * hung up; to be called about once a second. */
void connections_sweep(struct connections *all);

/* More than `most` although none was waiting: new requests are better refused. */
bool connections_are_too_many(struct connections *all);
size_t connections_count(struct connections *all);
/* Of them, those that have a request in hand. */
size_t connections_busy(struct connections *all);
/* The address in words, "192.0.2.7"; borrowed. */
const char *connection_address(const struct connection *c);
bool connection_is_loopback(const struct connection *c);
