/* SPDX-License-Identifier: MIT */
/* Enforces timeouts per connection, and the number of connections: when there are too many, idle
 * ones are closed first, so that nobody can hold them all.
 *
 * Keeps only counters and times, and calls shutdown() on sockets whose time is over; the owner of
 * the sockets then sees them end. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct connections;
struct connection;

struct connections_limits {
    size_t most;             /* above this number the oldest idle connection is closed */
    size_t most_per_address; /* from one IPv4 address or IPv6 /64, this machine's excepted; 0: no
                                limit */
    double request_s;        /* from connecting to the end of the request's headers */
    double idle_s;           /* from the end of a reply to the end of the next request's headers */
    double body_s;           /* for the request's body */
    double slowest_bytes_s;  /* sending a reply of n bytes may take 30 s + n / slowest_bytes_s */
};

struct connections *connections_new(const struct connections_limits *limits);
void connections_free(struct connections *all); /* must be empty */

/* Whether another connection from this address may be accepted. */
bool connections_may_accept(struct connections *all, const struct sockaddr *address);
struct connection *connections_add(struct connections *all, int fd, const struct sockaddr *address);
/* Call this before the socket is closed. */
void connections_remove(struct connections *all, struct connection *c);

/* The state of a connection. */
void connections_reading(struct connections *all,
                         struct connection *c); /* receives the request's body */
void connections_working(struct connections *all,
                         struct connection *c); /* runs the request: no limit on time */
void connections_sending(struct connections *all, struct connection *c, uint64_t bytes);
void connections_idle(struct connections *all, struct connection *c);

/* Closes connections whose time is over, and those whose client hung up before the whole body came.
 * Call it about once a second. */
void connections_sweep(struct connections *all);

/* True with more than `most` connections of which none was idle: refuse new requests. */
bool connections_are_too_many(struct connections *all);
size_t connections_count(struct connections *all);
/* The number of connections with a request in progress. */
size_t connections_busy(struct connections *all);
/* The address as text, "192.0.2.7"; borrowed. */
const char *connection_address(const struct connection *c);
bool connection_is_loopback(const struct connection *c);
