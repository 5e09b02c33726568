/* SPDX-License-Identifier: MIT */
/* Admission control: the checks of every request, in their order. */
#include "server/admission.h"

#include <string.h>
#include <strings.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "server/assets.h"
#include "server/headers.h"
#include "server/server_internal.h"
#include "server/static.h"

#define SMALL_BODY_BYTES 1024 /* accepted for requests that need no body */

/* Each check returns true, or answers the request and returns false. */
typedef bool check_function(struct call *call);

static bool check_head(struct call *call)
{
    const struct http_request *request = call->request;
    bool read = client_read(&call->server->client_rules, request, &call->client);
    if (request->malformed)
        respond_problem(call->reply, 400, "invalid",
                        "malformed request header: a name with blanks, a control character, a "
                        "continued line, or a line that does not end with CR LF");
    else if (http_header_count(request, "Host") > 1 ||
             http_header_count(request, "Content-Length") +
                     http_header_count(request, "Transfer-Encoding") >
                 1)
        respond_problem(
            call->reply, 400, "invalid",
            "duplicate header: Host, Content-Length or another that may occur only once");
    else if (!read)
        respond_problem(call->reply, 400, "invalid",
                        "invalid Host or X-Forwarded-Prefix: not a name or path");
    else
        return true;
    return false;
}

/* A target in absolute form, as sent to proxies: its authority replaces Host (RFC 9112, 3.2.2).
 * Returns the part after the authority, or NULL when that is too long. */
static const char *take_authority(struct call *call, const char *target)
{
    size_t scheme = strncasecmp(target, "http://", 7) == 0    ? 7
                    : strncasecmp(target, "https://", 8) == 0 ? 8
                                                              : 0;
    if (scheme == 0)
        return target;
    const char *name = target + scheme;
    size_t length = strcspn(name, "/?");
    struct client *client = &call->client;
    if (length >= sizeof client->host)
        return NULL;
    memcpy(client->host, name, length);
    client->host[length] = '\0';
    memcpy(client->sent_host, client->host, sizeof client->host);
    return name + length;
}

/* Redirects "/photos" to "/photos/", so that relative addresses in the page are below it. */
static bool add_slash(struct call *call, const char *target)
{
    const char *query = strchr(target, '?');
    respond_empty(call->reply, 308);
    respond_header(call->reply, "Location", "%s/%s", call->client.base, query ? query : "");
    return false;
}

static bool check_target(struct call *call)
{
    struct error err;
    const char *target = take_authority(call, call->request->target);
    const char *below = target ? client_target(&call->client, target) : NULL;
    if (target && !below)
        return add_slash(call, target);
    if (below && !target_parse(*below ? below : "/", &call->target, &err))
        return true;
    if (!below)
        error_set(&err, ERR_INVALID, "the address is invalid: its host name is too long");
    respond_error(call->reply, &err);
    return false;
}

static bool check_room(struct call *call)
{
    struct server *server = call->server;
    if (!atomic_load(&server->stopping) && !connections_are_too_many(server->connections))
        return true;
    respond_problem(call->reply, 503, "busy", "%s",
                    atomic_load(&server->stopping)
                        ? "the server is stopping"
                        : "the server has too many connections: try again in a moment");
    respond_header(call->reply, "Retry-After", "2");
    respond_header(call->reply, "Connection", "close");
    return false;
}

/* Health checks are public, and monitoring may use any host name, or none. */
static bool is_health(const struct call *call)
{
    return strcmp(call->target.path, "/healthz") == 0;
}

static bool check_host(struct call *call)
{
    const struct origin_names *names = &call->server->names;
    const struct client *client = &call->client;
    bool known = origin_host_is_known(names, client->host);
    if (is_health(call) || (known && origin_host_is_known(names, client->sent_host)))
        return true;
    const char *host = known ? client->sent_host : client->host;
    AUTO_FREE char *shown = text_printable(host, strlen(host));
    respond_problem(call->reply, 421, "wrong_host",
                    "unknown Host '%.200s': `keepsake serve --host-name` adds a name", shown);
    return false;
}

static bool check_rate(struct call *call)
{
    struct server *server = call->server;
    if (!server->requests || (server->options.requests_per_second == 0 && call->client.loopback))
        return true;
    double wait = throttle_take(server->requests, call->client.network);
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

/* Explains what does not match. A proxy that forwards another Host than the browser's looks the
 * same as a foreign page, unless the browser says that it is one. */
static void refuse_page(struct call *call, const char *origin, bool cross_site)
{
    const char *host = call->client.host;
    AUTO_FREE char *from = text_printable(origin ? origin : "", origin ? strlen(origin) : 0);
    AUTO_FREE char *to = text_printable(host, strlen(host));
    if (cross_site)
        respond_problem(call->reply, 403, "foreign_site",
                        "request refused: it comes from a page of another site (Origin "
                        "'%.200s', Host '%.200s')",
                        from, to);
    else
        respond_problem(call->reply, 403, "foreign_site",
                        "request refused: it comes from a page of '%.200s' (Origin), but is for "
                        "'%.200s' (Host). If it is this server's own page behind a proxy, "
                        "configure the proxy to forward the browser's Host with its port: in "
                        "nginx, `proxy_set_header Host $http_host;`. Requests from pages of "
                        "other sites are refused",
                        from, to);
}

/* Other sites may link here, and nothing else. Browsers tell where a request comes from:
 * Sec-Fetch-Site, and Origin for everything except plain navigation. */
static bool check_site(struct call *call)
{
    const char *site = http_header(call->request, "Sec-Fetch-Site");
    const char *origin = http_header(call->request, "Origin");
    bool changes = strcmp(call->request->method, "GET") != 0;
    bool cross_site = site && strcasecmp(site, "same-origin") != 0 && strcasecmp(site, "none") != 0;
    bool foreign = cross_site || (origin && !origin_is_host(origin, call->client.host));
    if (!foreign || (!changes && !is_api(call)))
        return true;
    refuse_page(call, origin, cross_site);
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
        respond_problem(call->reply, 405, "method", "method %s not allowed; use %s",
                        call->request->method, allow);
        respond_header(call->reply, "Allow", "%s", allow);
    } else {
        respond_problem(call->reply, 404, "not_found", "no such address; see /api/v1/openapi.json");
    }
    return false;
}

static bool check_sign_in(struct call *call)
{
    struct auth *auth = call->server->auth;
    call->principal = auth_principal(auth, call->request);
    if (call->asset || call->match.route->for_anyone)
        return true;
    if (!call->match.route->for_owner && auth_allows(auth, call->principal))
        return true;
    return call_is_owners(call, "changing never-send rules");
}

/* "/?token=...", as printed when the server starts: immediately replaced by a cookie and an address
 * without the token, because browsers show, remember and share addresses. */
static bool check_token(struct call *call)
{
    struct error err;
    const char *token = target_get(&call->target, "token");
    if (!token || !call->asset || strcmp(call->target.path, "/") != 0)
        return true;
    int rc = token[0] ? auth_sign_in_by_token(call->server->auth, call->request, &call->client,
                                              token, &err)
                      : 0;
    (void)rc; /* a wrong one leads to the same page, which asks for the right one */
    AUTO_FREE char *rest = target_without(&call->target, "token");
    respond_empty(call->reply, 303);
    respond_header(call->reply, "Location", "%s/%s%s", call->client.base, rest[0] ? "?" : "", rest);
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
    static const char *const wanted[] = {
        [TAKES_NOTHING] = "",
        [TAKES_JSON] = "application/json",
        [TAKES_PICTURE] = "an image type or application/octet-stream",
        [TAKES_EITHER] = "application/json, an image type or application/octet-stream",
    };
    bool object = takes == TAKES_JSON || takes == TAKES_EITHER;
    bool picture = takes == TAKES_PICTURE || takes == TAKES_EITHER;
    if (takes == TAKES_NOTHING || (object && media_type_is(type, "application/json")) ||
        (picture &&
         (media_type_is(type, "image/*") || media_type_is(type, "application/octet-stream"))))
        return true;
    respond_problem(call->reply, 415, "media_type",
                    "unsupported Content-Type: the body must be "
                    "%s",
                    wanted[takes]);
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
    respond_problem(call->reply, 503, "busy",
                    "too many simultaneous uploads: try again in a "
                    "moment");
    respond_header(call->reply, "Retry-After", "5");
    return false;
}

static bool check_body(struct call *call)
{
    static const size_t most[] = {[TAKES_NOTHING] = SMALL_BODY_BYTES,
                                  [TAKES_JSON] = LIMIT_REQUEST_JSON_BYTES,
                                  [TAKES_PICTURE] = LIMIT_UPLOAD_BYTES};
    enum body_kind takes = call->asset ? TAKES_NOTHING : call->match.route->takes;
    int64_t length = call->request->content_length;
    if (!check_body_type(call, takes))
        return false;
    if (length < 0) {
        respond_problem(call->reply, 411, "length", "the Content-Length header is missing");
        return false;
    }
    if (takes == TAKES_EITHER)
        takes = route_takes_json(call->match.route, http_header(call->request, "Content-Type"))
                    ? TAKES_JSON
                    : TAKES_PICTURE;
    if ((uint64_t)length > most[takes]) {
        respond_problem(call->reply, 413, "limit",
                        "the body is too large: %lld bytes; the "
                        "limit is %zu",
                        (long long)length, most[takes]);
        return false;
    }
    return length == 0 || reserve(call, (size_t)length);
}

void admission_check(struct call *call)
{
    static check_function *const checks[] = {
        check_head,  check_target, check_room,    check_host,       check_rate, check_site,
        check_route, check_token,  check_sign_in, check_parameters, check_body,
    };
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (!checks[i](call))
            return;
}

void admission_leave(struct call *call)
{
    atomic_fetch_sub(&call->server->reserved, call->reserved);
    call->reserved = 0;
}
