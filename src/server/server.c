/* SPDX-License-Identifier: MIT */
/* Starts and stops the server, and dispatches each admitted request to a worker pool. */
#include "server/server.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "server/admission.h"
#include "server/asks.h"
#include "server/compress.h"
#include "server/filling.h"
#include "server/indexing.h"
#include "server/server_internal.h"
#include "server/static.h"

#define CONNECTIONS 1024
#define SEARCH_THREADS 8 /* as many as can share a scan of the index (vectors.h) */
#define REQUESTS_PER_S 500.0
#define BURST_S 4.0 /* seconds' worth of requests in a burst */

/* Maximum queue length per worker pool. */
static const size_t patience[POOL_COUNT] = {
    [POOL_QUICK] = 2048, [POOL_SEARCH] = 512, [POOL_WRITE] = 256, [POOL_SLOW] = 128};

static const struct connections_limits limits = {
    .most_per_address = 256,
    .request_s = 10,
    .idle_s = 60,
    .body_s = 120,
    .slowest_bytes_s = 16 << 10,
};

void server_log(const struct server *server, const char *format, ...)
{
    if (!server->options.log)
        return;
    va_list args;
    va_start(args, format);
    AUTO_FREE char *sentence = xvasprintf(format, args);
    va_end(args);
    server->options.log(server->options.log_context, sentence);
}

bool server_is_impatient(void *context)
{
    const struct server *server = context;
    return atomic_load(&server->stopping) && clock_seconds() > server->patience_until;
}

bool server_is_loopback(const char *bind)
{
    return strncmp(bind, "127.", 4) == 0 || strcmp(bind, "::1") == 0;
}

/* ---- one request ---- */

/* Headers of every reply. */
static void decorate(const struct call *call)
{
    static const char page[] =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'";
    struct response *r = call->reply;
    respond_header(r, "Content-Security-Policy", "%s",
                   call->asset ? page : "default-src 'none'; frame-ancestors 'none'; sandbox");
    respond_header(r, "X-Content-Type-Options", "nosniff");
    respond_header(r, "Referrer-Policy", "no-referrer");
    respond_header(r, "Cross-Origin-Resource-Policy", "same-origin");
    respond_header(r, "Cross-Origin-Opener-Policy", "same-origin");
    if (!response_header(r, "Cache-Control"))
        respond_header(r, "Cache-Control", "no-store");
}

static int read_body(struct call *call, struct error *err)
{
    const struct http_request *request = call->request;
    struct error problem;
    if (call->body || !route_takes_json(call->match.route, http_header(request, "Content-Type")))
        return 0;
    int rc = json_read_bytes(request->body, (size_t)request->content_length, "the body",
                             &call->body, &problem);
    if (!rc && !json_is_object(call->body))
        rc = error_set(&problem, ERR_INVALID, "the body must be a JSON object");
    return rc ? error_set(err, ERR_INVALID, "%s", problem.message) : 0;
}

/* CALL_SLOWLY when the call has to continue in the slow pool. */
static int run(struct call *call)
{
    struct error err = ERROR_INIT;
    int rc = read_body(call, &err);
    if (!rc)
        rc = call->match.route->run(call, &err);
    if (rc == CALL_SLOWLY)
        return rc;
    if (rc < 0)
        respond_error(call->reply, &err);
    if (rc < 0 && call->worker)
        worker_failed(call->worker, rc);
    if (rc < 0 && call->reply->status >= 500)
        server_log(call->server, "%s %s: %s", call->match.route->method, call->match.route->pattern,
                   err.message);
    compress_reply(call);
    decorate(call);
    return 0;
}

static void refuse_busy(struct call *call, const char *sentence)
{
    respond_problem(call->reply, 503, "busy", "%s", sentence);
    respond_header(call->reply, "Retry-After", "2");
    decorate(call);
    http_finish(call->request);
}

/* The body of a request may end after the pools were stopped. */
static void push(struct call *call, enum pool_id pool)
{
    struct workers *workers = call->server->workers;
    if (workers_waiting(workers, pool) >= patience[pool])
        refuse_busy(call, "the server is busy: try again in a moment");
    else if (!workers_push(workers, pool, call))
        refuse_busy(call, "the server is stopping");
}

static void run_in_pool(struct worker *worker, void *context)
{
    struct call *call = context;
    call->worker = worker;
    call->pool = worker->pool;
    if (run(call) == CALL_SLOWLY)
        push(call, POOL_SLOW);
    else
        http_finish(call->request);
}

/* ---- sign-ins ---- */

static void check_sign_in(void *context, void *waiting)
{
    struct call *call = waiting;
    (void)context;
    call->pool = POOL_SIGN_IN;
    run(call);
    http_finish(call->request);
}

static void refuse_sign_in(void *context, void *waiting, bool stopping)
{
    struct call *call = waiting;
    (void)context;
    respond_problem(call->reply, stopping ? 503 : 429, stopping ? "busy" : "limit", "%s",
                    stopping ? "the server is stopping"
                             : "too many sign-ins in progress: try again in a moment");
    respond_header(call->reply, "Retry-After", "2");
    decorate(call);
    http_finish(call->request);
}

/* Answers immediately when no password has to be checked. */
static void begin_sign_in(struct call *call)
{
    call->pool = POOL_NOW;
    if (run(call) == CALL_SLOWLY)
        sign_ins_push(call->server->sign_ins, call->client.network, call);
    else
        http_finish(call->request);
}

/* ---- requests ---- */

static void on_begin(void *context, struct http_request *request)
{
    struct call *call = xcalloc(1, sizeof *call);
    *call = (struct call){.server = context,
                          .request = request,
                          .reply = &request->reply,
                          .principal = &principal_guest,
                          .began = clock_seconds()};
    request->context = call;
    admission_check(call);
    if (request->reply.status)
        decorate(call);
    else
        request->later = !call->asset && call->match.route->pool != POOL_NOW;
}

static void on_handle(void *context, struct http_request *request)
{
    struct call *call = request->context;
    (void)context;
    if (call->asset) {
        static_reply(call, call->asset);
        decorate(call);
    } else if (request->later && call->match.route->pool == POOL_SIGN_IN) {
        begin_sign_in(call);
    } else if (request->later) {
        push(call, call->match.route->pool);
    } else {
        run(call);
    }
}

static void on_end(void *context, struct http_request *request)
{
    struct server *server = context;
    struct call *call = request->context;
    admission_leave(call);
    metrics_count(server->metrics, call->match.route ? (int)(call->match.route - routes) : -1,
                  request->reply.status, clock_seconds() - call->began);
    target_release(&call->target);
    json_decref(call->body);
    free(call->folder);
    free(call);
}

/* ---- start ---- */

static const char *const *copy_strings(const char *const *strings, size_t n)
{
    char **copy = xcalloc(n + 1, sizeof *copy);
    for (size_t i = 0; i < n; i++)
        copy[i] = xstrdup(strings[i]);
    return (const char *const *)copy;
}

static void free_strings(const char *const *strings)
{
    for (size_t i = 0; strings && strings[i]; i++)
        free((void *)(uintptr_t)strings[i]);
    free((void *)(uintptr_t)strings);
}

static char *copy_or_null(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

static struct llm_options copy_llm(const struct llm_options *given)
{
    struct llm_options copy = *given;
    copy.provider = copy_or_null(given->provider);
    copy.model = copy_or_null(given->model);
    copy.base_url = copy_or_null(given->base_url);
    copy.key_file = copy_or_null(given->key_file);
    copy.ca_file = copy_or_null(given->ca_file);
    return copy;
}

/* The server's names are the given ones and the address it is bound to. */
static void copy_options(struct server *server, const struct server_options *given)
{
    struct server_options *o = &server->options;
    *o = *given;
    o->bind = xstrdup(given->bind);
    o->gallery = xstrdup(given->gallery);
    o->model_id = xstrdup(given->model_id);
    o->folders = copy_strings(given->folders, given->folder_count);
    o->llm = copy_llm(&given->llm);
    o->password_hash = o->token = NULL; /* auth has copies */
    o->trusted_proxies = NULL;          /* client_rules has copies, also of the base path */
    o->trusted_proxy_count = 0;
    o->base_path = NULL;
    const char **names = xcalloc(given->host_name_count + 2, sizeof *names);
    for (size_t i = 0; i < given->host_name_count; i++)
        names[i] = xstrdup(given->host_names[i]);
    names[given->host_name_count] = xstrdup(given->bind);
    o->host_names = (const char *const *)names;
    o->host_name_count = given->host_name_count + 1;
    server->names = (struct origin_names){.names = o->host_names,
                                          .count = o->host_name_count,
                                          .any_address = strcmp(given->bind, "0.0.0.0") == 0 ||
                                                         strcmp(given->bind, "::") == 0};
}

static void release(struct server *server)
{
    const struct server_options *o = &server->options;
    const char *const strings[] = {o->bind,      o->gallery,      o->model_id,     o->llm.provider,
                                   o->llm.model, o->llm.base_url, o->llm.key_file, o->llm.ca_file};
    http_stop(server->http);
    workers_free(server->workers);
    asks_free(server->asks);
    filling_free(server->filling);
    indexing_free(server->indexing);
    connections_free(server->connections);
    metrics_free(server->metrics);
    throttle_free(server->requests);
    sign_ins_free(server->sign_ins);
    client_rules_release(&server->client_rules);
    auth_free(server->auth);
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
        free((void *)(uintptr_t)strings[i]);
    free_strings(o->folders);
    free_strings(o->host_names);
    free(server);
}

static int check_options(const struct server_options *o, struct error *err)
{
    if (o->open &&
        (!server_is_loopback(o->bind) || o->host_name_count > 0 || o->trusted_proxy_count > 0))
        return error_set(err, ERR_INVALID,
                         "cannot use --no-auth: other machines can reach this server through "
                         "its address, its name or a proxy, and they must sign in; remove "
                         "--no-auth");
    if (o->password_hash || o->token)
        return 0;
    if (!server_is_loopback(o->bind))
        return error_set(err, ERR_INVALID,
                         "%s is reachable from other machines, so a password or token is "
                         "needed: set one with `keepsake serve --set-password`",
                         o->bind);
    if (o->host_name_count > 0)
        return error_set(err, ERR_INVALID,
                         "a server with a host name is reachable from other machines, so a "
                         "password or token is needed: set one with `keepsake serve "
                         "--set-password`");
    return 0;
}

static int check_gallery(const struct server_options *o, struct error *err)
{
    AUTO(store) *store = NULL;
    return store_open(o->gallery, STORE_READ, &store, err);
}

static int start_workers(struct server *server, size_t connections, struct error *err)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct workers_options options = {
        .gallery = server->options.gallery,
        .threads = {[POOL_QUICK] = 4,
                    [POOL_SEARCH] = SEARCH_THREADS,
                    [POOL_WRITE] = 1,
                    [POOL_SLOW] = processors > 4 ? 4 : 2},
        .most = 2 * connections + 1024,
        .run = run_in_pool,
        .cancelled = server_is_impatient,
        .context = server,
    };
    return workers_new(&options, &server->workers, err);
}

static struct connections *make_connections(size_t most)
{
    struct connections_limits own = limits;
    own.most = most;
    return connections_new(&own);
}

static int start_http(struct server *server, size_t connections, struct error *err)
{
    struct http_options options = {
        .bind = server->options.bind,
        .port = server->options.port,
        .connections = server->connections,
        .most = connections,
        .handlers = {server, on_begin, on_handle, on_end},
    };
    return http_start(&options, &server->http, err);
}

static int start_sign_ins(struct server *server, struct error *err)
{
    struct sign_ins_options options = {
        .guesses = auth_guesses(server->auth),
        .check = check_sign_in,
        .refuse = refuse_sign_in,
    };
    return sign_ins_start(&options, &server->sign_ins, err);
}

int server_start(const struct server_options *options, struct server **ret_server,
                 struct error *err)
{
    int rc = check_options(options, err);
    if (!rc)
        rc = check_gallery(options, err);
    if (rc)
        return rc;
    struct server *server = xcalloc(1, sizeof *server);
    size_t connections = options->connections ? options->connections : CONNECTIONS;
    double rate = options->requests_per_second > 0 ? options->requests_per_second : REQUESTS_PER_S;
    copy_options(server, options);
    server->auth = auth_new(&(struct auth_options){.hash = options->password_hash,
                                                   .token = options->token,
                                                   .open = options->open,
                                                   .port = options->port});
    server->requests = throttle_new(BURST_S * rate, rate);
    server->connections = make_connections(connections);
    server->metrics = metrics_new();
    server->indexing = indexing_new(server);
    server->asks = asks_new(server);
    rc = client_rules_init(&server->client_rules, options->trusted_proxies,
                           options->trusted_proxy_count, options->base_path, err);
    if (!rc)
        rc = start_workers(server, connections, err);
    if (!rc)
        rc = start_sign_ins(server, err);
    if (!rc)
        rc = start_http(server, connections, err);
    if (!rc)
        rc = filling_start(server, &server->filling, err);
    if (rc)
        release(server);
    else
        *ret_server = server;
    return rc;
}

int server_port(const struct server *server)
{
    return http_port(server->http);
}

/* Sockets last: until they are closed, a body may still end, and its request is refused by the
 * parts that were stopped but not yet freed. */
void server_stop(struct server *server, double seconds)
{
    if (!server)
        return;
    http_quiesce(server->http);
    server->patience_until = clock_seconds() + seconds;
    atomic_store(&server->stopping, true);
    indexing_end(server->indexing);
    filling_end(server->filling);
    sign_ins_stop(server->sign_ins);
    http_wait(server->http, seconds);
    asks_stop(server->asks); /* open streams end with a problem that says why */
    workers_stop(server->workers);
    http_wait(server->http, 2);
    release(server);
}
