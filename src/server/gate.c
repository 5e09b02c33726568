#include "server/gate.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "server/assets.h"
#include "server/headers.h"
#include "server/parts.h"
#include "server/static.h"

#define SMALL_BODY_BYTES 1024 /* of a request that needs none */

/* Each check answers the request and returns false, or returns true. */
typedef bool check_function(struct call *call);

static bool check_form(struct call *call)
{
    struct error err;
    if (http_header_count(call->request, "Host") > 1 ||
        http_header_count(call->request, "Content-Length") +
                http_header_count(call->request, "Transfer-Encoding") >
            1) {
        respond_problem(call->reply, 400, "invalid", "a header that says one thing is there twice");
        return false;
    }
    if (target_parse(call->request->target, &call->target, &err)) {
        respond_error(call->reply, &err);
        return false;
    }
    return true;
}

static bool check_room(struct call *call)
{
    struct server *server = call->server;
    if (!atomic_load(&server->stopping) && !connections_are_too_many(server->connections))
        return true;
    respond_problem(call->reply, 503, "busy", "%s",
                    atomic_load(&server->stopping)
                        ? "the server is about to stop"
                        : "the server has too many connections: try again in a moment");
    respond_header(call->reply, "Retry-After", "2");
    respond_header(call->reply, "Connection", "close");
    return false;
}

static bool check_host(struct call *call)
{
    const char *host = http_header(call->request, "Host");
    if (origin_host_is_known(&call->server->names, host))
        return true;
    AUTO_FREE char *shown = text_printable(host ? host : "", host ? strlen(host) : 0);
    respond_problem(call->reply, 421, "wrong_host",
                    "this server does not go by the name '%.200s': `keepsake serve --host-name` "
                    "gives it one",
                    shown);
    return false;
}

static bool check_rate(struct call *call)
{
    struct server *server = call->server;
    if (!server->requests || (server->options.requests_per_second == 0 && call->request->loopback))
        return true;
    double wait = throttle_take(server->requests, call->request->address);
    if (wait == 0)
        return true;
    respond_problem(call->reply, 429, "limit", "too many requests come from your address");
    respond_header(call->reply, "Retry-After", "%.0f", wait + 1);
    return false;
}

static bool is_api(const struct call *call)
{
    return strncmp(call->target.path, "/api/", 5) == 0 ||
           strcmp(call->target.path, "/metrics") == 0;
}

/* Pages of other sites may lead here, and nothing else. Browsers say where a request comes from:
 * Sec-Fetch-Site, and Origin with everything but plain navigation. */
static bool check_site(struct call *call)
{
    const char *site = http_header(call->request, "Sec-Fetch-Site");
    const char *origin = http_header(call->request, "Origin");
    bool changes = strcmp(call->request->method, "GET") != 0;
    bool foreign = origin && !origin_is_host(origin, http_header(call->request, "Host"));
    if (site && strcasecmp(site, "same-origin") != 0 && strcasecmp(site, "none") != 0)
        foreign = true;
    if (!foreign || (!changes && !is_api(call)))
        return true;
    respond_problem(call->reply, 403, "foreign_site",
                    "this request comes from another web site's page, which may not use this "
                    "server");
    return false;
}

static bool check_route(struct call *call)
{
    const char *path = call->target.path;
    call->match = router_find(routes, call->request->method, path);
    if (call->match.route)
        return true;
    if (strcmp(call->request->method, "GET") == 0 && (call->asset = static_find(path)))
        return true;
    const char *allow = call->match.allow[0] ? call->match.allow : static_find(path) ? "GET" : NULL;
    if (allow) {
        respond_problem(call->reply, 405, "method", "here, %s is not among the methods: %s",
                        call->request->method, allow);
        respond_header(call->reply, "Allow", "%s", allow);
    } else {
        respond_problem(call->reply, 404, "not_found",
                        "there is nothing here; /api/v1/openapi.json says what there is");
    }
    return false;
}

static bool check_sign_in(struct call *call)
{
    if (call->asset || call->match.route->for_anyone ||
        auth_allows(call->server->auth, call->request))
        return true;
    respond_problem(call->reply, 401, "sign_in",
                    "this server wants its password or token: sign in, or send `Authorization: "
                    "Bearer TOKEN`");
    respond_header(call->reply, "WWW-Authenticate", "Bearer");
    return false;
}

static bool check_parameters(struct call *call)
{
    struct error err;
    if (call->asset || !target_check_names(&call->target, call->match.route->parameters, &err))
        return true;
    respond_error(call->reply, &err);
    return false;
}

static bool check_body_type(struct call *call, enum body_kind takes)
{
    const char *type = http_header(call->request, "Content-Type");
    if (takes == TAKES_NOTHING ||
        (takes == TAKES_JSON && media_type_is(type, "application/json")) ||
        (takes == TAKES_PICTURE &&
         (media_type_is(type, "image/*") || media_type_is(type, "application/octet-stream"))))
        return true;
    respond_problem(call->reply, 415, "media_type", "the body must come as %s",
                    takes == TAKES_JSON ? "application/json"
                                        : "an image type or application/octet-stream");
    return false;
}

static bool reserve(struct call *call, size_t size)
{
    struct server *server = call->server;
    if (atomic_fetch_add(&server->reserved, size) + size <= LIMIT_UPLOADS_BYTES) {
        call->reserved = size;
        return true;
    }
    atomic_fetch_sub(&server->reserved, size);
    respond_problem(call->reply, 503, "busy", "too many uploads at once: try again in a moment");
    respond_header(call->reply, "Retry-After", "5");
    return false;
}

static bool check_body(struct call *call)
{
    static const size_t most[] = {SMALL_BODY_BYTES, LIMIT_REQUEST_JSON_BYTES, LIMIT_UPLOAD_BYTES};
    enum body_kind takes = call->asset ? TAKES_NOTHING : call->match.route->takes;
    int64_t length = call->request->content_length;
    if (!check_body_type(call, takes))
        return false;
    if (length < 0) {
        respond_problem(call->reply, 411, "length", "a body needs its Content-Length here");
        return false;
    }
    if ((uint64_t)length > most[takes]) {
        respond_problem(call->reply, 413, "limit", "a body of %lld bytes is larger than %zu",
                        (long long)length, most[takes]);
        return false;
    }
    return length == 0 || reserve(call, (size_t)length);
}

void gate_pass(struct call *call)
{
    static check_function *const checks[] = {
        check_form,  check_room,    check_host,       check_rate, check_site,
        check_route, check_sign_in, check_parameters, check_body,
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (!checks[i](call))
            return;
}

void gate_leave(struct call *call)
{
    atomic_fetch_sub(&call->server->reserved, call->reserved);
    call->reserved = 0;
}
