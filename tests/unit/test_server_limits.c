/* SPDX-License-Identifier: MIT */
/* Limits and state of the server: connections, rate limits of addresses, sessions, streams. */
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/connections.h"
#include "server/events.h"
#include "server/sessions.h"
#include "server/throttle.h"
#include "tap.h"
#include "wait.h"

/* ---- connections ---- */

static struct sockaddr_in address_of(uint32_t ip)
{
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(ip)};
}

struct peer {
    int ours, theirs;
    struct connection *c;
};

static struct peer join(struct connections *all, uint32_t ip)
{
    int fds[2];
    struct sockaddr_in address = address_of(ip);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
        abort();
    struct connection *c = connections_add(all, fds[0], (struct sockaddr *)&address);
    return (struct peer){fds[0], fds[1], c};
}

static bool was_ended(const struct peer *p)
{
    char byte;
    return recv(p->theirs, &byte, 1, MSG_DONTWAIT) == 0;
}

static void leave(struct connections *all, struct peer *p)
{
    connections_remove(all, p->c);
    close(p->ours);
    close(p->theirs);
}

struct sweep {
    struct connections *all;
    const struct peer *peer;
};

static bool is_swept(void *context)
{
    const struct sweep *s = context;
    connections_sweep(s->all);
    return was_ended(s->peer);
}

static struct connections *with_limits(double request_s, double others_s)
{
    struct connections_limits limits = {.most = 10,
                                        .most_per_address = 10,
                                        .request_s = request_s,
                                        .idle_s = others_s,
                                        .body_s = others_s,
                                        .slowest_bytes_s = 1000};
    return connections_new(&limits);
}

/* Whoever waits for a next request, or sends a body, has longer, but not for ever. */
static void test_limits(void)
{
    const uint32_t near = 0x7F000001;
    for (int longer = 1; longer >= 0; longer--) {
        struct connections *all = longer ? with_limits(0.1, 3600) : with_limits(3600, 0.1);
        struct peer silent = join(all, near), idle = join(all, near), reading = join(all, near),
                    working = join(all, near);
        connections_idle(all, idle.c);
        connections_reading(all, reading.c);
        connections_working(all, working.c);
        struct sweep sweeps[] = {{all, longer ? &silent : &idle}, {all, &reading}};
        for (int i = 0; i < (longer ? 1 : 2); i++)
            ok(wait_until(is_swept, &sweeps[i], "the end of a connection"), "its limit ends it");
        ok(was_ended(&silent) == longer, "who sends no request");
        ok(was_ended(&idle) != longer, "who waits for a next one");
        ok(was_ended(&reading) != longer, "who sends a body");
        ok(!was_ended(&working), "who works has no limit");
        struct peer *const everyone[] = {&silent, &idle, &reading, &working};
        for (size_t i = 0; i < 4; i++)
            leave(all, everyone[i]);
        connections_free(all);
    }
}

static void test_connections(void)
{
    const uint32_t far = 0xC0000207, near = 0x7F000001; /* 192.0.2.7, 127.0.0.1 */
    struct connections_limits limits = {.most = 3,
                                        .most_per_address = 2,
                                        .request_s = 0.1,
                                        .idle_s = 3600,
                                        .body_s = 3600,
                                        .slowest_bytes_s = 1000};
    struct connections *all = connections_new(&limits);
    struct sockaddr_in from_far = address_of(far), from_near = address_of(near);
    struct peer a = join(all, far), b = join(all, far);
    is_str(connection_address(a.c), "192.0.2.7", "an address in words");
    ok(!connection_is_loopback(a.c), "of another machine");
    ok(!connections_may_accept(all, (struct sockaddr *)&from_far), "two of an address, no third");
    ok(connections_may_accept(all, (struct sockaddr *)&from_near), "but of this machine");
    struct peer c = join(all, near);
    ok(connection_is_loopback(c.c), "which is told");
    connections_working(all, a.c);
    struct peer d = join(all, near);
    ok(was_ended(&b) && !was_ended(&a) && !was_ended(&c) && !was_ended(&d),
       "one too many: the oldest that asks for nothing goes");
    is_int((long long)connections_busy(all), 1, "one is busy");
    is_int((long long)connections_count(all), 4, "all of them are counted until they are closed");
    ok(!connections_are_too_many(all), "and there is room for requests");
    connections_working(all, c.c);
    connections_working(all, d.c);
    connections_working(all, b.c);
    ok(connections_are_too_many(all), "not when more than three are busy");
    connections_sending(all, a.c, 10);
    connections_sweep(all);
    ok(!was_ended(&a), "who sends has half a minute at least");
    struct peer *const everyone[] = {&a, &b, &c, &d};
    for (size_t i = 0; i < 4; i++)
        leave(all, everyone[i]);
    is_int((long long)connections_count(all), 0, "all are gone");
    is_int((long long)connections_busy(all), 0, "and none is busy");
    connections_free(all);
}

/* A socket whose other side is closed, or only says that it will send no more. */
static void test_hung_up(void)
{
    struct connections_limits limits = {.most = 9, .request_s = 1e6, .idle_s = 1e6, .body_s = 1e6};
    struct connections *all = connections_new(&limits);
    struct peer reads = join(all, 1), unread = join(all, 2), works = join(all, 3);
    struct peer *const everyone[] = {&reads, &unread, &works};
    ok(send(unread.theirs, "x", 1, 0) == 1, "a byte that was not read yet");
    for (size_t i = 0; i < 3; i++) {
        connections_reading(all, everyone[i]->c);
        shutdown(everyone[i]->theirs, SHUT_WR);
    }
    connections_sweep(all);
    ok(!was_ended(&reads), "a connection whose other side has hung up is looked at twice");
    connections_working(all, works.c);
    connections_sweep(all);
    ok(was_ended(&reads), "and ended, as its body cannot come any more");
    ok(!was_ended(&unread), "one with bytes to be read is not");
    ok(!was_ended(&works), "nor one whose body has come");
    for (size_t i = 0; i < 3; i++)
        leave(all, everyone[i]);
    connections_free(all);
}

/* ---- rate limits ---- */

static bool has_token(void *context)
{
    return throttle_take(context, "192.0.2.1") == 0;
}

static void test_throttle(void)
{
    struct throttle *t = throttle_new(3, 3600);
    ok(throttle_take(t, "192.0.2.1") == 0 && throttle_take(t, "192.0.2.1") == 0 &&
           throttle_take(t, "192.0.2.1") == 0,
       "throttle: three tokens are available at the same time");
    double wait = throttle_take(t, "192.0.2.1");
    ok(wait > 0 && wait <= 3600, "throttle: without tokens the wait is at most an hour: %g", wait);
    ok(throttle_take(t, "192.0.2.2") == 0, "throttle: another address does not wait");
    double last;
    ok(throttle_missing(t, "192.0.2.3", &last) <= 0 &&
           throttle_missing(t, "192.0.2.3", &last) <= 0 && throttle_take(t, "192.0.2.3") == 0 &&
           throttle_take(t, "192.0.2.3") == 0 && throttle_take(t, "192.0.2.3") == 0 &&
           throttle_take(t, "192.0.2.3") > 0,
       "throttle: asking for the wait takes no token");
    struct throttle *fast = throttle_new(1, 0.1);
    throttle_take(fast, "192.0.2.1");
    ok(wait_until(has_token, fast, "a new token"),
       "throttle: a new token is available after the wait");
    throttle_free(fast);
    int refused = 0;
    char address[24];
    for (int i = 0; i < 5000; i++) {
        snprintf(address, sizeof address, "10.0.%d.%d", i / 256, i % 256);
        refused += throttle_take(t, address) > 0;
    }
    is_int(refused, 0, "5000 other addresses have theirs");
    throttle_free(t);
}

/* ---- sessions ---- */

static void test_sessions(void)
{
    struct sessions *s = sessions_new();
    char first[SESSION_NAME_SIZE], name[SESSION_NAME_SIZE];
    ok(!sessions_has(s, "") && !sessions_has(s, "x"), "nobody is in at first");
    sessions_open(s, first);
    ok(strlen(first) == 64 && strspn(first, "0123456789abcdef") == 64, "a name of 64 digits");
    ok(sessions_has(s, first), "which is in");
    sessions_open(s, name);
    ok(strcmp(first, name) != 0, "another has another");
    sessions_end(s, name);
    ok(!sessions_has(s, name) && sessions_has(s, first), "leaving ends one, not the other");
    for (int i = 0; i < 300; i++)
        sessions_open(s, name);
    ok(sessions_has(s, name) && !sessions_has(s, first), "of too many, the oldest ends");
    sessions_free(s);
}

/* ---- streams ---- */

struct reader {
    struct events *events;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool asleep;
    char text[200000];
    size_t length;
};

static void on_sleep(void *context)
{
    struct reader *r = context;
    pthread_mutex_lock(&r->lock);
    r->asleep = true;
    pthread_mutex_unlock(&r->lock);
}

static void on_wake(void *context)
{
    struct reader *r = context;
    pthread_mutex_lock(&r->lock);
    r->asleep = false;
    pthread_cond_signal(&r->woken);
    pthread_mutex_unlock(&r->lock);
}

static void *reader_main(void *context)
{
    struct reader *r = context;
    long n;
    while ((n = events_read(r->events, r->text + r->length, 37)) != EVENTS_END) {
        r->length += (size_t)n;
        pthread_mutex_lock(&r->lock);
        while (n == 0 && r->asleep)
            pthread_cond_wait(&r->woken, &r->lock);
        pthread_mutex_unlock(&r->lock);
    }
    events_unref(r->events);
    return NULL;
}

static bool is_asleep(void *context)
{
    struct reader *r = context;
    pthread_mutex_lock(&r->lock);
    bool asleep = r->asleep;
    pthread_mutex_unlock(&r->lock);
    return asleep;
}

static void test_stream(void)
{
    static struct reader r = {.lock = PTHREAD_MUTEX_INITIALIZER, .woken = PTHREAD_COND_INITIALIZER};
    static char want[200000];
    size_t length = 0;
    pthread_t thread;
    struct events *e = events_new();
    r.events = events_ref(e);
    events_attach(e, on_sleep, on_wake, &r);
    pthread_create(&thread, NULL, reader_main, &r);
    for (int i = 0; i < 2000; i++) {
        events_send(e, "n", json_pack("{si}", "i", i));
        length += (size_t)snprintf(want + length, sizeof want - length,
                                   "event: n\ndata: {\"i\":%d}\n\n", i);
        if (i % 500 == 0)
            wait_until(is_asleep, &r, "the reader");
    }
    events_close(e);
    pthread_join(thread, NULL);
    ok(r.length == length && memcmp(r.text, want, length) == 0,
       "2000 events arrive, whole and in order: %zu bytes", r.length);
    ok(events_send(e, "n", json_object()), "what is sent after the end is dropped");
    events_unref(e);
}

static void ignore(void *context)
{
    (void)context;
}

static void test_stream_limits(void)
{
    char data[64];
    struct events *e = events_new();
    events_attach(e, ignore, ignore, NULL);
    events_keep_alive(e, 60);
    is_int(events_read(e, data, sizeof data), 0, "no comment while there was news");
    events_keep_alive(e, -1);
    is_int(events_read(e, data, sizeof data), 3, "one after a silence");
    ok(memcmp(data, ":\n\n", 3) == 0, "which is a comment");
    AUTO_FREE char *text = xmalloc(100001);
    memset(text, 'a', 100000);
    text[100000] = '\0';
    int sent = 0;
    while (sent < 1000 && events_send(e, "text", json_pack("{ss}", "text", text)))
        sent++;
    ok(sent > 30 && sent < 50, "who does not read is given up after 4 MiB: %d events", sent);
    ok(events_is_abandoned(e), "and the writer can tell");
    is_int(events_read(e, data, sizeof data), EVENTS_END, "the reader sees the end");
    events_unref(e);
}

int main(void)
{
    test_connections();
    test_hung_up();
    test_limits();
    test_throttle();
    test_sessions();
    test_stream();
    test_stream_limits();
    return done_testing();
}
