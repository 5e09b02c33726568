/* SPDX-License-Identifier: MIT */
/* One HTTPS request for a file or the rest of it, by libcurl. */
#include "models/model_download.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"

enum { MAX_REDIRECTIONS = 10, CONNECT_SECONDS = 30 };

/* A request under way. */
struct transfer {
    const struct download *d;
    CURL *curl;
    uint64_t at;                      /* where the next byte goes */
    uint64_t total;                   /* of the whole file; 0: not announced */
    uint64_t range_first, range_size; /* of Content-Range */
    bool has_range;
    bool accepted;   /* the reply's body belongs into the file */
    bool from_start; /* the server cannot continue */
    int problem;     /* an error of our own, which stopped libcurl */
    struct error *err;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_curl(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        BUG("libcurl does not start");
}

static long status_of(const struct transfer *t)
{
    long status = 0;
    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static int other_size(struct transfer *t, uint64_t offered)
{
    return t->problem = error_set(t->err, ERR_CORRUPT,
                                  "the server offers a file of %" PRIu64 " bytes, not of %" PRIu64
                                  ": it is another file",
                                  offered, t->d->size);
}

/* ---- headers ---- */

/* The value of header NAME (lower case, with its colon), or NULL. */
static const char *header_value(const char *line, const char *name)
{
    size_t n = strlen(name);
    if (strncasecmp(line, name, n) != 0)
        return NULL;
    return line + n + strspn(line + n, " \t");
}

/* Hugging Face announces a large file's SHA-256 and size before it sends us elsewhere. */
static void check_linked(struct transfer *t, const char *line)
{
    const char *etag = header_value(line, "x-linked-etag:");
    const char *size = header_value(line, "x-linked-size:");
    if (etag && t->d->sha256) {
        etag += *etag == '"';
        if (strspn(etag, "0123456789abcdefABCDEF") == 64 &&
            strncasecmp(etag, t->d->sha256, 64) != 0)
            t->problem = error_set(t->err, ERR_CORRUPT,
                                   "the server offers a file with another SHA-256 (%.64s)", etag);
    }
    if (size && t->d->size && strtoull(size, NULL, 10) != t->d->size)
        other_size(t, strtoull(size, NULL, 10));
}

static size_t on_header(char *data, size_t size, size_t n, void *user)
{
    struct transfer *t = user;
    char line[512];
    snprintf(line, sizeof line, "%.*s", (int)(size * n < 511 ? size * n : 511), data);
    if (strncmp(line, "HTTP/", 5) == 0)
        t->has_range = false; /* another reply begins */
    const char *range = header_value(line, "content-range:");
    if (range) {
        uint64_t last;
        t->has_range = sscanf(range, "bytes %" SCNu64 "-%" SCNu64 "/%" SCNu64, &t->range_first,
                              &last, &t->range_size) == 3;
    }
    check_linked(t, line);
    return t->problem ? 0 : size * n;
}

/* ---- body ---- */

/* Decides, before the first byte, what the reply's body means for the file. */
static int accept_body(struct transfer *t, long status)
{
    const struct download *d = t->d;
    curl_off_t length = -1;
    curl_easy_getinfo(t->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (status == 206) {
        if (!t->has_range || t->range_first != d->offset) {
            t->from_start = true;
            return error_set(t->err, ERR_NETWORK, "the server sent another part than asked for");
        }
        t->total = t->range_size;
    } else {
        t->at = 0; /* the whole file, whatever was asked for */
        if (ftruncate(d->fd, 0) < 0)
            return t->problem = error_errno(t->err, errno, "cannot shorten the partial download");
        t->total = length > 0 ? (uint64_t)length : 0;
    }
    t->accepted = true;
    if (d->size && t->total && t->total != d->size)
        return other_size(t, t->total);
    return 0;
}

static int store_bytes(struct transfer *t, const char *data, size_t size)
{
    if (size > t->d->limit || t->at > t->d->limit - size)
        return t->problem = error_set(t->err, ERR_CORRUPT,
                                      "the server sends more than the %" PRIu64
                                      " bytes that the file may have",
                                      t->d->limit);
    while (size > 0) {
        ssize_t n = pwrite(t->d->fd, data, size, (off_t)t->at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return t->problem = error_set(t->err, ERR_IO,
                                          "cannot save the download: %s; what has arrived is kept",
                                          strerror(errno));
        t->at += (uint64_t)n;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

static size_t on_body(char *data, size_t size, size_t n, void *user)
{
    struct transfer *t = user;
    long status = status_of(t);
    if (status != 200 && status != 206)
        return 0; /* an error page: the status tells all */
    if (!t->accepted && accept_body(t, status))
        return 0;
    return store_bytes(t, data, size * n) ? 0 : size * n;
}

static int on_progress(void *user, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up)
{
    struct transfer *t = user;
    (void)total, (void)now, (void)up_total, (void)up;
    uint64_t whole = t->total ? t->total : t->d->size;
    return t->d->proceed(t->d->context, t->at, whole) ? 0 : 1;
}

/* ---- the request ---- */

static CURL *make_request(struct transfer *t, const char *range, struct curl_slist *headers,
                          char *message)
{
    const struct download *d = t->d;
    CURL *curl = curl_easy_init();
    if (!curl)
        memory_exhausted(sizeof *t);
    curl_easy_setopt(curl, CURLOPT_URL, d->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)MAX_REDIRECTIONS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "keepsake/" KEEPSAKE_VERSION);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)(d->stall_s < 1 ? 1 : d->stall_s));
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, t);
    if (range)
        curl_easy_setopt(curl, CURLOPT_RANGE, range);
    if (d->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, d->ca_file);
    return curl;
}

static int status_error(struct transfer *t, long status, struct download_result *result)
{
    curl_off_t seconds = 0;
    curl_easy_getinfo(t->curl, CURLINFO_RETRY_AFTER, &seconds);
    result->retry_after_s = (double)seconds;
    result->again = status == 408 || status == 429 || status >= 500;
    result->from_start = status == 416;
    if (status == 401 || status == 403)
        return error_set(t->err, ERR_NETWORK,
                         "the server refuses access (HTTP %ld): if the model needs an account, put "
                         "its token into HF_TOKEN",
                         status);
    if (status == 404)
        return error_set(t->err, ERR_NETWORK, "the server does not have the file (HTTP 404)");
    if (status == 429)
        return error_set(t->err, ERR_NETWORK,
                         "the server asks to slow down (HTTP 429): try again later");
    return error_set(t->err, ERR_NETWORK, "the server answers with HTTP status %ld", status);
}

/* Why libcurl gave up, in words. */
static int curl_error(struct transfer *t, CURLcode code, const char *message,
                      struct download_result *result)
{
    const char *said = message[0] ? message : curl_easy_strerror(code);
    switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
        return error_set(t->err, ERR_CANCELLED,
                         "interrupted; what has arrived is kept for the next pull");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_URL_MALFORMAT:
        return error_set(t->err, ERR_NETWORK, "%s", said);
    case CURLE_OPERATION_TIMEDOUT:
        result->again = true;
        return error_set(t->err, ERR_NETWORK, "the connection stalled (%s)", said);
    default:
        result->again = true;
        return error_set(t->err, ERR_NETWORK, "%s", said);
    }
}

static int conclude_transfer(struct transfer *t, CURLcode code, const char *message,
                             struct download_result *result)
{
    long status = status_of(t);
    result->reached = status > 0;
    if (t->problem)
        return t->problem;
    if (t->from_start)
        return ERR_NETWORK; /* accept_body has said why */
    if (status != 200 && status != 206 && status >= 400 &&
        (code == CURLE_OK || code == CURLE_WRITE_ERROR))
        return status_error(t, status, result);
    if (code != CURLE_OK)
        return curl_error(t, code, message, result);
    if (status != 200 && status != 206)
        return status_error(t, status, result);
    if (!t->accepted) /* an empty body never reached on_body */
        return accept_body(t, status);
    return 0;
}

int download_run(const struct download *d, struct download_result *ret_result, struct error *err)
{
    struct transfer t = {.d = d, .at = d->offset, .err = err};
    struct download_result result = {0};
    char message[CURL_ERROR_SIZE] = "", range[32];
    struct curl_slist *headers = NULL;
    pthread_once(&once, start_curl);
    if (d->bearer) {
        AUTO_FREE char *line = xasprintf("Authorization: Bearer %s", d->bearer);
        headers = curl_slist_append(NULL, line);
    }
    snprintf(range, sizeof range, "%" PRIu64 "-", d->offset);
    t.curl = make_request(&t, d->offset ? range : NULL, headers, message);
    CURLcode code = curl_easy_perform(t.curl);
    int rc = conclude_transfer(&t, code, message, &result);
    result.from_start |= t.from_start;
    result.done = t.at;
    curl_easy_cleanup(t.curl);
    curl_slist_free_all(headers);
    *ret_result = result;
    return rc;
}
