/* SPDX-License-Identifier: MIT */
/* The HTTP server on libmicrohttpd: connections, requests, suspension and shutdown. */
#include "server/http.h"

#include <microhttpd.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"
#include "server/http_internal.h"
#include "server/http_strict.h"
#include "server/listener.h"

#define DEFAULT_THREADS 2
/* Connections accepted beyond the limit: idle ones are closed, and requests get 503. */
#define SPARE_CONNECTIONS 512
/* Per connection: request line, headers, and the reply's headers. */
#define CONNECTION_BYTES ((size_t)32 << 10)
/* Without a byte in either direction; the limits that matter are in connections.h. */
#define SILENCE_S 90U
#define STREAM_SILENCE_S 15.0
#define FILES_BESIDES 256 /* descriptors that are not connections */

struct http {
    struct MHD_Daemon *daemon;
    struct http_handlers handlers;
    struct connections *connections;
    atomic_bool quiet, stopping;
    pthread_t sweeper;
    pthread_mutex_t streams_lock;
    struct exchange streams; /* a ring */
    int port;
};

struct connections *http_connections(struct http *http)
{
    return http->connections;
}

bool http_is_quiet(const struct http *http)
{
    return atomic_load(&http->quiet);
}

int http_port(const struct http *http)
{
    return http->port;
}

/* ---- streams ---- */

void http_stream_begin(struct exchange *x)
{
    struct http *http = x->http;
    pthread_mutex_lock(&http->streams_lock);
    x->before = http->streams.before;
    x->after = &http->streams;
    x->before->after = x->after->before = x;
    pthread_mutex_unlock(&http->streams_lock);
}

void http_stream_end(struct exchange *x)
{
    struct http *http = x->http;
    if (!x->stream)
        return;
    pthread_mutex_lock(&http->streams_lock);
    x->before->after = x->after;
    x->after->before = x->before;
    pthread_mutex_unlock(&http->streams_lock);
    events_abandon(x->stream);
    events_unref(x->stream);
    x->stream = NULL;
}

static void keep_streams_alive(struct http *http)
{
    pthread_mutex_lock(&http->streams_lock);
    for (struct exchange *x = http->streams.after; x != &http->streams; x = x->after)
        events_keep_alive(x->stream, STREAM_SILENCE_S);
    pthread_mutex_unlock(&http->streams_lock);
}

static void *sweeper_main(void *context)
{
    struct http *http = context;
    while (!atomic_load(&http->stopping)) {
        connections_sweep(http->connections);
        keep_streams_alive(http);
        nanosleep(&(struct timespec){.tv_nsec = 250000000}, NULL);
    }
    return NULL;
}

/* ---- requests ---- */

static const struct exchange *exchange_of(const struct http_request *request)
{
    return (const struct exchange *)request;
}

const char *http_header(const struct http_request *request, const char *name)
{
    return MHD_lookup_connection_value(exchange_of(request)->mhd, MHD_HEADER_KIND, name);
}

struct header_counter {
    const char *name;
    size_t count;
};

static enum MHD_Result count_header(void *context, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    struct header_counter *counter = context;
    (void)kind, (void)value;
    counter->count += strcasecmp(name, counter->name) == 0;
    return MHD_YES;
}

size_t http_header_count(const struct http_request *request, const char *name)
{
    struct header_counter counter = {name, 0};
    MHD_get_connection_values(exchange_of(request)->mhd, MHD_HEADER_KIND, count_header, &counter);
    return counter.count;
}

struct header_list {
    const char *name;
    char *text; /* NULL: none yet */
};

static enum MHD_Result join_header(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct header_list *list = context;
    (void)kind;
    if (strcasecmp(name, list->name) != 0)
        return MHD_YES;
    AUTO_FREE char *before = list->text;
    list->text = xasprintf("%s%s%s", before ? before : "", before ? ", " : "", value ? value : "");
    return MHD_YES;
}

char *http_header_list(const struct http_request *request, const char *name)
{
    struct header_list list = {name, NULL};
    MHD_get_connection_values(exchange_of(request)->mhd, MHD_HEADER_KIND, join_header, &list);
    return list.text;
}

static struct connection *connection_of(struct MHD_Connection *mhd)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* The request line has arrived: the exchange begins. */
static void *on_target(void *context, const char *target, struct MHD_Connection *mhd)
{
    struct exchange *x = xcalloc(1, sizeof *x);
    x->http = context;
    x->mhd = mhd;
    x->connection = connection_of(mhd);
    x->target = xstrdup(target);
    x->target_end = target + strlen(target);
    return x;
}

static void on_end(void *context, struct MHD_Connection *mhd, void **state,
                   enum MHD_RequestTerminationCode how)
{
    struct http *http = context;
    struct exchange *x = *state;
    (void)mhd, (void)how;
    if (!x)
        return;
    *state = NULL;
    http_stream_end(x);
    if (x->begun)
        http->handlers.end(http->handlers.context, &x->request);
    connections_idle(http->connections, x->connection);
    response_release(&x->request.reply);
    free(x->target);
    free(x->body);
    free(x);
}

static int64_t content_length(const struct http_request *request)
{
    const char *length = http_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (http_header(request, MHD_HTTP_HEADER_TRANSFER_ENCODING))
        return -1;
    return length ? strtoll(length, NULL, 10) : 0; /* the library checked that it is a number */
}

/* After a refused request the next bytes may be its body, and not another request. */
static void close_after_refusal(struct exchange *x)
{
    struct http_request *request = &x->request;
    if (request->malformed || request->content_length != 0)
        respond_header(&request->reply, "Connection", "close");
}

static enum MHD_Result begin(struct exchange *x, const char *method, const char *version)
{
    struct http *http = x->http;
    struct http_request *request = &x->request;
    x->begun = true;
    request->method = strcmp(method, MHD_HTTP_METHOD_HEAD) == 0 ? MHD_HTTP_METHOD_GET : method;
    request->target = x->target;
    request->address = connection_address(x->connection);
    request->loopback = connection_is_loopback(x->connection);
    request->content_length = content_length(request);
    request->malformed = !http_head_is_strict(x->mhd, x->target_end, version);
    connections_reading(http->connections, x->connection);
    http->handlers.begin(http->handlers.context, request);
    if (!request->reply.status)
        return MHD_YES;
    x->handled = true;
    close_after_refusal(x);
    return http_reply(x) ? MHD_YES : MHD_NO;
}

/* Grows with the received bytes, so that an announced length alone takes no memory. */
static enum MHD_Result add_body(struct exchange *x, const char *data, size_t *size)
{
    if (x->request.content_length < 0 || *size > (size_t)x->request.content_length - x->body_size)
        return MHD_NO;
    array_grow((void **)&x->body, &x->body_room, x->body_size + *size + 1, 1);
    memcpy(x->body + x->body_size, data, *size);
    x->body_size += *size;
    *size = 0;
    return MHD_YES;
}

static enum MHD_Result finish_now(struct exchange *x)
{
    struct http *http = x->http;
    http->handlers.handle(http->handlers.context, &x->request);
    return http_reply(x) ? MHD_YES : MHD_NO;
}

/* The body has arrived. The library calls once more when a suspended request was resumed. */
static enum MHD_Result handle(struct exchange *x)
{
    struct http *http = x->http;
    if (x->handled)
        return http_reply(x) ? MHD_YES : MHD_NO;
    x->handled = true;
    array_grow((void **)&x->body, &x->body_room, x->body_size + 1, 1);
    x->body[x->body_size] = '\0';
    x->request.body = x->body;
    x->request.content_length = (int64_t)x->body_size;
    connections_working(http->connections, x->connection);
    if (!x->request.later)
        return finish_now(x);
    MHD_suspend_connection(x->mhd);
    http->handlers.handle(http->handlers.context, &x->request);
    return MHD_YES;
}

void http_finish(struct http_request *request)
{
    MHD_resume_connection(exchange_of(request)->mhd);
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *mhd, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **state)
{
    struct exchange *x = *state;
    (void)context, (void)mhd, (void)url;
    if (!x->begun)
        return begin(x, method, version);
    if (*size > 0)
        return add_body(x, data, size);
    return handle(x);
}

/* ---- connections ---- */

static enum MHD_Result may_accept(void *context, const struct sockaddr *address, socklen_t size)
{
    struct http *http = context;
    (void)size;
    return connections_may_accept(http->connections, address) ? MHD_YES : MHD_NO;
}

static void on_connection(void *context, struct MHD_Connection *mhd, void **state,
                          enum MHD_ConnectionNotificationCode what)
{
    struct http *http = context;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        connections_remove(http->connections, *state);
        return;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    int fd = info->connect_fd; /* the next connection may reuse the slot */
    info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    *state = connections_add(http->connections, fd, info->client_addr);
}

/* ---- start and stop ---- */

/* The number of connections that the open-file limit allows, at most `wanted`. */
static unsigned allow_connections(size_t wanted)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return (unsigned)wanted;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < wanted + FILES_BESIDES)
        wanted = files.rlim_cur > 2 * FILES_BESIDES ? files.rlim_cur - FILES_BESIDES : 64;
    return (unsigned)wanted;
}

static struct MHD_Daemon *start_daemon(struct http *http, const struct http_options *options,
                                       int listener)
{
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
    unsigned threads = (unsigned)(options->threads > 0 ? options->threads : DEFAULT_THREADS);
    return MHD_start_daemon(flags, 0, may_accept, http, on_request, http, MHD_OPTION_LISTEN_SOCKET,
                            listener, MHD_OPTION_URI_LOG_CALLBACK, on_target, http,
                            MHD_OPTION_NOTIFY_COMPLETED, on_end, http, MHD_OPTION_NOTIFY_CONNECTION,
                            on_connection, http, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                            CONNECTION_BYTES, MHD_OPTION_CONNECTION_LIMIT,
                            allow_connections(options->most + SPARE_CONNECTIONS),
                            MHD_OPTION_CONNECTION_TIMEOUT, SILENCE_S, MHD_OPTION_THREAD_POOL_SIZE,
                            threads, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
}

static void stop_sweeper(struct http *http)
{
    atomic_store(&http->stopping, true);
    pthread_join(http->sweeper, NULL);
}

/* Starts the daemon last, because requests come in from then on. The listener then belongs to the
 * library. */
static int start_threads(struct http *http, const struct http_options *options, int listener,
                         struct error *err)
{
    int rc = thread_start(&http->sweeper, sweeper_main, http, err);
    if (rc) {
        close(listener);
        return rc;
    }
    http->daemon = start_daemon(http, options, listener);
    if (http->daemon)
        return 0;
    stop_sweeper(http);
    return error_set(err, ERR_IO,
                     "cannot start the HTTP server: the limit of threads or open files is too "
                     "low (ulimit -u, ulimit -n)");
}

int http_start(const struct http_options *options, struct http **ret_http, struct error *err)
{
    int listener, port;
    int rc = listener_open(options->bind, options->port, &listener, &port, err);
    if (rc)
        return rc;
    struct http *http = xcalloc(1, sizeof *http);
    http->handlers = options->handlers;
    http->connections = options->connections;
    http->port = port;
    http->streams.before = http->streams.after = &http->streams;
    pthread_mutex_init(&http->streams_lock, NULL);
    rc = start_threads(http, options, listener, err);
    if (rc) {
        pthread_mutex_destroy(&http->streams_lock);
        free(http);
        return rc;
    }
    *ret_http = http;
    return 0;
}

void http_quiesce(struct http *http)
{
    MHD_socket listener = MHD_quiesce_daemon(http->daemon);
    atomic_store(&http->quiet, true);
    if (listener != MHD_INVALID_SOCKET)
        close(listener);
}

bool http_wait(struct http *http, double seconds)
{
    double until = clock_seconds() + seconds;
    while (connections_busy(http->connections) > 0 && clock_seconds() < until)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    return connections_busy(http->connections) == 0;
}

void http_stop(struct http *http)
{
    if (!http)
        return;
    MHD_stop_daemon(http->daemon);
    stop_sweeper(http);
    pthread_mutex_destroy(&http->streams_lock);
    free(http);
}
