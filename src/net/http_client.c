/* SPDX-License-Identifier: MIT */
/* Sends one HTTP request with libcurl and passes on its reply as it arrives. */
#include "net/http_client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

/* Maximum time for the rest of a reply after its content is complete. */
#define ENOUGH_SECONDS 0.5
/* Maximum silence when only usage counts may follow: some servers never close the connection. */
#define SETTLED_SECONDS 5
enum { POLL_MS = 50 };

int64_t http_read_date(const char *text)
{
    return curl_getdate(text, NULL);
}

const char *http_engine_version(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}

/* ---- a running request ---- */

struct exchange {
    const struct http_request *request;
    struct http_reply *reply;
    struct error *err;
    CURL *curl;
    size_t received;
    curl_off_t sent;
    double started, active; /* time of the last transfer */
    bool connected;
    double enough; /* time when the content was complete; 0: not yet */
    bool settled;  /* only usage counts may follow */
    int problem;   /* our own error, which stopped libcurl */
};

static int stop_exchange(struct exchange *x, enum http_failure failure, int code)
{
    x->reply->failure = failure;
    return x->problem = code;
}

static void note_status(struct exchange *x)
{
    curl_off_t length = -1;
    curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &x->reply->status);
    curl_easy_getinfo(x->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    x->reply->length = length;
}

const char *http_header_value(const char *line, const char *name)
{
    size_t n = strlen(name);
    if (strncasecmp(line, name, n) != 0 || line[n] != ':')
        return NULL;
    return line + n + 1 + strspn(line + n + 1, " \t");
}

static void keep_header(const char *line, const char *name, char *ret_value, size_t size)
{
    const char *value = http_header_value(line, name);
    if (!value)
        return;
    AUTO_FREE char *safe = text_printable(value, strlen(value));
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
    line[strcspn(line, "\r\n")] = '\0';
    x->active = clock_seconds();
    keep_header(line, "content-type", r->content_type, sizeof r->content_type);
    keep_header(line, "request-id", r->request_id, sizeof r->request_id);
    keep_header(line, "x-request-id", r->request_id, sizeof r->request_id);
    keep_header(line, "x-should-retry", r->should_retry, sizeof r->should_retry);
    keep_header(line, "retry-after", r->retry_after, sizeof r->retry_after);
    keep_header(line, "retry-after-ms", r->retry_after_ms, sizeof r->retry_after_ms);
    if (x->request->redirections > 0 && http_header_value(line, "location"))
        x->connected = false; /* the next request uses another connection */
    int rc = x->request->header ? x->request->header(x->request->context, line, x->err) : 0;
    return rc && stop_exchange(x, HTTP_STOPPED, rc) ? 0 : size * n;
}

/* Do not wait for the rest of a body beyond the bytes to keep. */
static void keep_error_body(struct exchange *x, const char *data, size_t size)
{
    struct strbuf *body = &x->reply->body;
    size_t room = body->max - body->length;
    if (strbuf_add(body, data, size < room ? size : room, NULL))
        BUG("the body of an error outgrew its limit");
    if (size > room && x->enough == 0)
        x->enough = x->active;
}

static int take_body(struct exchange *x, const char *data, size_t size)
{
    size_t most = x->request->body_bytes;
    if (most && size > most - x->received)
        return stop_exchange(
            x, HTTP_TOO_LONG,
            error_set(x->err, ERR_LIMIT, "the reply is longer than the limit of %zu bytes", most));
    x->received += size;
    note_status(x);
    if (x->reply->status < 200 || x->reply->status > 299)
        keep_error_body(x, data, size);
    if (x->reply->status < 200 || x->reply->status > 299 || x->enough > 0)
        return 0;
    int rc = x->request->data(x->request->context, data, size, x->err);
    if (rc == HTTP_ENOUGH)
        x->enough = x->active;
    else if (rc == HTTP_SETTLED)
        x->settled = true;
    else if (rc)
        return stop_exchange(x, HTTP_STOPPED, rc);
    return 0;
}

static size_t on_body(char *data, size_t size, size_t n, void *user)
{
    struct exchange *x = user;
    x->active = clock_seconds();
    return take_body(x, data, size * n) ? 0 : size * n;
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

static int on_connected(void *user, char *peer, char *own, int peer_port, int own_port)
{
    struct exchange *x = user;
    (void)peer, (void)own, (void)peer_port, (void)own_port;
    x->connected = true;
    x->active = clock_seconds();
    return CURL_PREREQFUNC_OK;
}

/* ---- options for libcurl ---- */

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        BUG("cannot initialise libcurl");
}

static void set_connection(struct exchange *x)
{
    const struct http_request *r = x->request;
    curl_easy_setopt(x->curl, CURLOPT_URL, r->url);
    curl_easy_setopt(x->curl, CURLOPT_PROTOCOLS_STR, r->plain ? "http,https" : "https");
    curl_easy_setopt(x->curl, CURLOPT_REDIR_PROTOCOLS_STR, "https");
    curl_easy_setopt(x->curl, CURLOPT_FOLLOWLOCATION, r->redirections > 0 ? 1L : 0L);
    curl_easy_setopt(x->curl, CURLOPT_MAXREDIRS, (long)r->redirections);
    curl_easy_setopt(x->curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(x->curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(x->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(x->curl, CURLOPT_QUICK_EXIT, 1L); /* do not wait for a slow name server */
    curl_easy_setopt(x->curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(x->curl, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(x->curl, CURLOPT_USERAGENT, "keepsake/" KEEPSAKE_VERSION);
    curl_easy_setopt(x->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)(r->connect_s * 1000));
    if (r->direct)
        curl_easy_setopt(x->curl, CURLOPT_PROXY, "");
    if (r->ca_file)
        curl_easy_setopt(x->curl, CURLOPT_CAINFO, r->ca_file);
}

static void set_content(struct exchange *x)
{
    const struct http_request *r = x->request;
    if (r->body) {
        curl_easy_setopt(x->curl, CURLOPT_POST, 1L);
        curl_easy_setopt(x->curl, CURLOPT_POSTFIELDS, r->body);
        curl_easy_setopt(x->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->size);
        curl_easy_setopt(x->curl, CURLOPT_ACCEPT_ENCODING, ""); /* some servers compress unasked */
    }
    if (r->range)
        curl_easy_setopt(x->curl, CURLOPT_RANGE, r->range);
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
    curl_easy_setopt(x->curl, CURLOPT_PREREQFUNCTION, on_connected);
    curl_easy_setopt(x->curl, CURLOPT_PREREQDATA, x);
}

static struct curl_slist *make_headers(const struct http_request *request)
{
    struct curl_slist *headers = NULL;
    for (const char *const *h = request->headers; h && *h; h++)
        headers = curl_slist_append(headers, *h);
    if (!request->body)
        return headers;
    headers = curl_slist_append(headers, "Expect:");
    /* Compression may delay a stream; some servers compress anyway. */
    return curl_slist_append(headers, "Accept-Encoding: identity");
}

static void free_headers(struct curl_slist *headers)
{
    for (struct curl_slist *h = headers; h; h = h->next)
        explicit_bzero(h->data, strlen(h->data)); /* one of them may contain a key */
    curl_slist_free_all(headers);
}

/* ---- running the request ---- */

static int stop_late(struct exchange *x, enum http_failure failure, double seconds,
                     const char *what)
{
    char limit[64];
    text_duration(limit, sizeof limit, seconds);
    return stop_exchange(x, failure, error_set(x->err, ERR_NETWORK, "%s for %s", what, limit));
}

/* Returns nonzero for our own error, or if enough arrived. */
static int check_time(struct exchange *x)
{
    const struct http_request *r = x->request;
    double now = clock_seconds();
    if (r->proceed && !r->proceed(r->context))
        return stop_exchange(x, HTTP_STOPPED, error_set(x->err, ERR_CANCELLED, "interrupted"));
    if (x->enough > 0)
        return now - x->enough > ENOUGH_SECONDS;
    if (x->settled && now - x->active > SETTLED_SECONDS)
        return 1;
    if (now - x->active > r->silence_s + (x->connected ? 0 : r->connect_s))
        return stop_late(x, HTTP_SILENT, r->silence_s, "nothing arrived");
    if (r->total_s > 0 && now - x->started > r->total_s)
        return stop_late(x, HTTP_LATE_END, r->total_s, "the reply did not end");
    return 0;
}

/* libcurl's result at the end; CURLE_OK if we stopped it ourselves. */
static CURLcode result_of(CURLM *multi)
{
    int left;
    const CURLMsg *message = curl_multi_info_read(multi, &left);
    return message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_OK;
}

static CURLcode run_exchange(struct exchange *x)
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
    curl_off_t sent = 0, wait = 0;
    curl_easy_getinfo(x->curl, CURLINFO_SIZE_UPLOAD_T, &sent);
    curl_easy_getinfo(x->curl, CURLINFO_RETRY_AFTER, &wait);
    x->reply->sent_whole = sent >= (curl_off_t)x->request->size;
    x->reply->retry_after_s = (double)wait;
    note_status(x);
    curl_multi_remove_handle(multi, x->curl);
    curl_multi_cleanup(multi);
    return result;
}

static enum http_failure failure_of(CURLcode code)
{
    switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return HTTP_UNTRUSTED;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_TOO_MANY_REDIRECTS:
        return HTTP_BAD_ADDRESS;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        return HTTP_UNREACHABLE;
    case CURLE_OPERATION_TIMEDOUT:
        return HTTP_LATE_START;
    default:
        return HTTP_LOST;
    }
}

static int curl_failure(struct exchange *x, CURLcode code, const char *message)
{
    const char *said = message[0] ? message : curl_easy_strerror(code);
    AUTO_FREE char *safe = text_printable(said, strlen(said));
    enum http_failure failure = x->reply->failure = failure_of(code);
    x->reply->final = failure == HTTP_UNTRUSTED || failure == HTTP_BAD_ADDRESS;
    return error_set(x->err, failure == HTTP_BAD_ADDRESS ? ERR_INVALID : ERR_NETWORK, "%s", safe);
}

int http_send(const struct http_request *request, struct http_reply *ret_reply, struct error *err)
{
    char message[CURL_ERROR_SIZE] = "";
    *ret_reply = (struct http_reply){.length = -1, .body = STRBUF_INIT(request->kept_bytes)};
    pthread_once(&once, start_curl);
    struct exchange x = {.request = request, .reply = ret_reply, .err = err};
    x.started = x.active = clock_seconds();
    x.curl = curl_easy_init();
    if (!x.curl)
        memory_exhausted(sizeof x);
    struct curl_slist *headers = make_headers(request);
    curl_easy_setopt(x.curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(x.curl, CURLOPT_ERRORBUFFER, message);
    set_connection(&x);
    set_content(&x);
    set_callbacks(&x);
    CURLcode code = run_exchange(&x);
    int rc = x.problem;
    if (!rc && x.enough == 0 && code != CURLE_OK)
        rc = curl_failure(&x, code, message);
    curl_easy_cleanup(x.curl);
    free_headers(headers);
    return rc;
}

void http_reply_release(struct http_reply *reply)
{
    strbuf_release(&reply->body);
}
