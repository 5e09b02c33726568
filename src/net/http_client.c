/* SPDX-License-Identifier: MIT */
/* One HTTP POST with a streamed reply, by libcurl. */
#include "net/http_client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

/* How long the rest of a reply may take once its content is complete. */
#define ENOUGH_SECONDS 0.5
/* And how long it may be silent when only figures may follow: some servers never close. */
#define SETTLED_SECONDS 5
enum { POLL_MS = 50 };

/* ---- addresses ---- */

static bool is_loopback(const char *host)
{
    struct in_addr four;
    struct in6_addr six;
    size_t n = strlen(host);
    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (n > 10 && strcasecmp(host + n - 10, ".localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &four) == 1)
        return (ntohl(four.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool has_part(CURLU *parts, CURLUPart part)
{
    char *text = NULL;
    bool found = curl_url_get(parts, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return found;
}

static void copy_host(const char *host, char *ret_host, size_t size)
{
    size_t n = strlen(host);
    bool brackets = n >= 2 && host[0] == '[' && host[n - 1] == ']';
    AUTO_FREE char *bare = xstrndup(host + brackets, n - 2 * brackets);
    AUTO_FREE char *safe = text_printable(bare, strlen(bare));
    text_copy(ret_host, size, safe);
}

static bool is_listed(const char *hosts, const char *host)
{
    while (hosts && *hosts) {
        hosts += strspn(hosts, " ,");
        size_t n = strcspn(hosts, " ,");
        size_t brackets = n >= 2 && hosts[0] == '[' && hosts[n - 1] == ']';
        if (n == strlen(host) + 2 * brackets && n > 0 &&
            strncasecmp(hosts + brackets, host, n - 2 * brackets) == 0)
            return true;
        hosts += n;
    }
    return false;
}

static int check_parts(CURLU *parts, const char *where, const char *plain_hosts,
                       struct http_address *address, struct error *err)
{
    char *host = NULL, *scheme = NULL;
    if (curl_url_get(parts, CURLUPART_HOST, &host, 0) ||
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0)) {
        curl_free(host);
        return error_set(err, ERR_INVALID, "%s is not an address such as https://host/path", where);
    }
    copy_host(host, address->host, sizeof address->host);
    address->loopback = is_loopback(address->host);
    bool secure = strcmp(scheme, "https") == 0, plain = strcmp(scheme, "http") == 0;
    curl_free(host);
    curl_free(scheme);
    if (has_part(parts, CURLUPART_USER) || has_part(parts, CURLUPART_PASSWORD))
        return error_set(err, ERR_INVALID,
                         "%s has a user name or password in it: keys belong into the environment",
                         where);
    if (has_part(parts, CURLUPART_QUERY) || has_part(parts, CURLUPART_FRAGMENT))
        return error_set(err, ERR_INVALID, "%s must end before any '?' or '#'", where);
    address->plain = plain && !address->loopback && is_listed(plain_hosts, address->host);
    if (plain && !address->loopback && !address->plain)
        return error_set(err, ERR_INVALID,
                         "%s must begin with https://: photos and keys go unencrypted only to this "
                         "machine, not to %s; if that is a machine or container of yours, on a "
                         "network that you trust, allow it with --llm-plain-http %s",
                         where, address->host, address->host);
    if (!secure && !plain)
        return error_set(err, ERR_INVALID, "%s must begin with https://", where);
    return 0;
}

int http_read_address(const char *url, const char *where, const char *plain_hosts,
                      struct http_address *ret_address, struct error *err)
{
    struct http_address address = {"", false, false};
    CURLU *parts = curl_url();
    if (!parts)
        memory_exhausted(strlen(url));
    int rc =
        curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME)
            ? error_set(err, ERR_INVALID, "%s is not an address such as https://host/path", where)
            : check_parts(parts, where, plain_hosts, &address, err);
    curl_url_cleanup(parts);
    if (!rc)
        *ret_address = address;
    return rc;
}

int64_t http_read_date(const char *text)
{
    return curl_getdate(text, NULL);
}

/* ---- a request under way ---- */

struct exchange {
    const struct http_request *request;
    struct http_reply *reply;
    struct error *err;
    CURL *curl;
    size_t received;
    curl_off_t sent;
    double started, active; /* when something moved last */
    double enough;          /* when the content was complete; 0: not yet */
    bool settled;           /* only figures may follow */
    int problem;            /* an error of our own, which stopped libcurl */
};

static long status_of(const struct exchange *x)
{
    long status = 0;
    curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static void read_header(const char *line, const char *name, char *ret_value, size_t size)
{
    size_t n = strlen(name);
    if (strncasecmp(line, name, n) != 0 || line[n] != ':')
        return;
    const char *value = line + n + 1 + strspn(line + n + 1, " \t");
    AUTO_FREE char *safe = text_printable(value, strcspn(value, "\r\n"));
    text_copy(ret_value, size, safe);
}

static size_t on_header(char *data, size_t size, size_t n, void *user)
{
    struct exchange *x = user;
    struct http_reply *r = x->reply;
    char line[512];
    size_t length = size * n < sizeof line ? size * n : sizeof line - 1;
    memcpy(line, data, length);
    line[length] = '\0';
    x->active = clock_seconds();
    read_header(line, "content-type", r->content_type, sizeof r->content_type);
    read_header(line, "request-id", r->request_id, sizeof r->request_id);
    read_header(line, "x-request-id", r->request_id, sizeof r->request_id);
    read_header(line, "x-should-retry", r->should_retry, sizeof r->should_retry);
    read_header(line, "retry-after", r->retry_after, sizeof r->retry_after);
    read_header(line, "retry-after-ms", r->retry_after_ms, sizeof r->retry_after_ms);
    return size * n;
}

/* The rest of a body that is longer than what is kept is not waited for. */
static void keep_error_body(struct exchange *x, const char *data, size_t size)
{
    struct strbuf *body = &x->reply->body;
    size_t room = body->max - body->length;
    if (strbuf_add(body, data, size < room ? size : room, NULL))
        BUG("the body of an error outgrew its limit");
    if (size > room && x->enough == 0)
        x->enough = x->active;
}

static size_t on_body(char *data, size_t size, size_t n, void *user)
{
    struct exchange *x = user;
    long status = status_of(x);
    size *= n;
    x->active = clock_seconds();
    if (size > LIMIT_LLM_REPLY_BYTES - x->received) {
        x->problem = error_set(x->err, ERR_LIMIT, "%s sends more than the limit of %zu bytes",
                               x->request->host, LIMIT_LLM_REPLY_BYTES);
        return 0;
    }
    x->received += size;
    if (status < 200 || status > 299) {
        keep_error_body(x, data, size);
        return size;
    }
    if (x->enough > 0)
        return size;
    int rc = x->request->data(x->request->context, data, size, x->err);
    if (rc == HTTP_ENOUGH)
        x->enough = x->active;
    else if (rc == HTTP_SETTLED)
        x->settled = true;
    else
        x->problem = rc;
    return x->problem ? 0 : size;
}

static int on_progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up)
{
    struct exchange *x = user;
    (void)total, (void)now, (void)up_total;
    if (up != x->sent)
        x->active = clock_seconds();
    x->sent = up;
    return 0;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        BUG("libcurl does not start");
}

static void set_target(struct exchange *x, char *message)
{
    const struct http_request *r = x->request;
    curl_easy_setopt(x->curl, CURLOPT_URL, r->url);
    curl_easy_setopt(x->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(x->curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(x->curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(x->curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(x->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(x->curl, CURLOPT_QUICK_EXIT, 1L); /* do not wait for a slow name server */
    curl_easy_setopt(x->curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(x->curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(x->curl, CURLOPT_USERAGENT, "keepsake/" KEEPSAKE_VERSION);
    curl_easy_setopt(x->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)(r->connect_s * 1000));
    curl_easy_setopt(x->curl, CURLOPT_ERRORBUFFER, message);
    curl_easy_setopt(x->curl, CURLOPT_POST, 1L);
    curl_easy_setopt(x->curl, CURLOPT_POSTFIELDS, r->body);
    curl_easy_setopt(x->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->size);
    curl_easy_setopt(x->curl, CURLOPT_ACCEPT_ENCODING, ""); /* some send it unasked */
    if (r->direct)
        curl_easy_setopt(x->curl, CURLOPT_PROXY, "");
    if (r->ca_file)
        curl_easy_setopt(x->curl, CURLOPT_CAINFO, r->ca_file);
}

static void set_callbacks(struct exchange *x)
{
    curl_easy_setopt(x->curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(x->curl, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(x->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(x->curl, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(x->curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(x->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(x->curl, CURLOPT_XFERINFODATA, x);
}

/* ---- running it ---- */

static int stop_late(struct exchange *x, double seconds, const char *what, const char *advice)
{
    char limit[64];
    text_duration(limit, sizeof limit, seconds);
    return x->problem = error_set(x->err, ERR_NETWORK, "%s %s for %s%s", x->request->host, what,
                                  limit, advice);
}

/* Negative: an error of our own; 1: enough arrived; 0: go on. */
static int check_time(struct exchange *x)
{
    const struct http_request *r = x->request;
    double now = clock_seconds();
    if (r->proceed && !r->proceed(r->context))
        return x->problem = error_set(x->err, ERR_CANCELLED, "interrupted");
    if (x->enough > 0)
        return now - x->enough > ENOUGH_SECONDS;
    if (x->settled && now - x->active > SETTLED_SECONDS)
        return 1;
    if (now - x->active > r->silence_s) {
        x->reply->final = r->patient;
        return stop_late(x, r->silence_s, "has been silent",
                         " (--llm-timeout lets it take longer)");
    }
    if (now - x->started > r->total_s)
        return stop_late(x, r->total_s, "has not finished its reply", "");
    return 0;
}

/* What libcurl has to say at the end; CURLE_OK when we stopped it ourselves. */
static CURLcode result_of(CURLM *multi)
{
    int left;
    const CURLMsg *message = curl_multi_info_read(multi, &left);
    return message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_OK;
}

static CURLcode run_transfer(struct exchange *x)
{
    CURLM *multi = curl_multi_init();
    if (!multi)
        memory_exhausted(sizeof *x);
    curl_multi_add_handle(multi, x->curl);
    int running = 1;
    for (;;) {
        CURLMcode code = curl_multi_perform(multi, &running);
        if (code != CURLM_OK || !running || x->problem || check_time(x))
            break;
        curl_multi_poll(multi, NULL, 0, POLL_MS, NULL);
    }
    CURLcode result = running ? CURLE_OK : result_of(multi);
    curl_off_t sent = 0;
    curl_easy_getinfo(x->curl, CURLINFO_SIZE_UPLOAD_T, &sent);
    x->reply->sent_whole = sent >= (curl_off_t)x->request->size;
    x->reply->status = status_of(x);
    curl_multi_remove_handle(multi, x->curl);
    curl_multi_cleanup(multi);
    return result;
}

/* Why libcurl gave up, in words. */
static int curl_error(struct exchange *x, CURLcode code, const char *message)
{
    AUTO_FREE char *said = text_printable(message[0] ? message : curl_easy_strerror(code),
                                          strlen(message[0] ? message : curl_easy_strerror(code)));
    const char *host = x->request->host;
    switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        x->reply->final = true;
        return error_set(x->err, ERR_NETWORK, "%s does not prove who it is: %s", host, said);
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        x->reply->final = true;
        return error_set(x->err, ERR_INVALID, "the address of %s cannot be used: %s", host, said);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        return error_set(x->err, ERR_NETWORK, "cannot reach %s: %s%s", host, said,
                         x->request->loopback ? " (is the server running?)" : "");
    case CURLE_OPERATION_TIMEDOUT:
        return error_set(x->err, ERR_NETWORK, "cannot reach %s in time: %s", host, said);
    default:
        return error_set(x->err, ERR_NETWORK, "the connection to %s was lost: %s", host, said);
    }
}

int http_post(const struct http_request *request, struct http_reply *ret_reply, struct error *err)
{
    char message[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = NULL;
    *ret_reply = (struct http_reply){.body = STRBUF_INIT(LIMIT_LLM_ERROR_BYTES)};
    pthread_once(&once, start_curl);
    struct exchange x = {.request = request, .reply = ret_reply, .err = err};
    x.started = x.active = clock_seconds();
    x.curl = curl_easy_init();
    if (!x.curl)
        memory_exhausted(sizeof x);
    for (const char *const *h = request->headers; *h; h++)
        headers = curl_slist_append(headers, *h);
    headers = curl_slist_append(headers, "Expect:");
    /* Compressed, a stream may come late; some servers compress it all the same. */
    headers = curl_slist_append(headers, "Accept-Encoding: identity");
    curl_easy_setopt(x.curl, CURLOPT_HTTPHEADER, headers);
    set_target(&x, message);
    set_callbacks(&x);
    CURLcode code = run_transfer(&x);
    int rc = x.problem;
    if (!rc && x.enough == 0 && code != CURLE_OK)
        rc = curl_error(&x, code, message);
    curl_easy_cleanup(x.curl);
    for (struct curl_slist *h = headers; h; h = h->next)
        explicit_bzero(h->data, strlen(h->data)); /* one of them holds the key */
    curl_slist_free_all(headers);
    return rc;
}

void http_reply_release(struct http_reply *reply)
{
    strbuf_release(&reply->body);
}

const char *http_engine_version(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}
