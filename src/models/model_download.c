/* SPDX-License-Identifier: MIT */
/* Writes the body of one HTTPS reply into a file, after checking that it is the file that is
 * wanted. */
#include "models/model_download.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"
#include "net/http_client.h"

enum { MAX_REDIRECTIONS = 10, CONNECT_SECONDS = 30 };

/* A request in progress. */
struct transfer {
    const struct download *d;
    struct http_reply reply;
    uint64_t at;                      /* where the next byte goes */
    uint64_t total;                   /* of the whole file; 0: not announced */
    uint64_t range_first, range_size; /* of Content-Range */
    bool has_range;
    bool accepted;   /* the body of the reply belongs in the file */
    bool from_start; /* the server cannot resume */
};

static int other_size(const struct transfer *t, uint64_t offered, struct error *err)
{
    return error_set(err, ERR_CORRUPT,
                     "the server offers a file of %" PRIu64 " bytes, not of %" PRIu64
                     ": it is a different file",
                     offered, t->d->size);
}

/* ---- headers ---- */

/* Hugging Face announces a large file's SHA-256 and size before it redirects. */
static int check_linked(const struct transfer *t, const char *line, struct error *err)
{
    const char *etag = http_header_value(line, "x-linked-etag");
    const char *size = http_header_value(line, "x-linked-size");
    if (etag && t->d->sha256) {
        etag += *etag == '"';
        if (strspn(etag, "0123456789abcdefABCDEF") == 64 &&
            strncasecmp(etag, t->d->sha256, 64) != 0)
            return error_set(err, ERR_CORRUPT,
                             "the server offers a file with another SHA-256 (%.64s)", etag);
    }
    if (size && t->d->size && strtoull(size, NULL, 10) != t->d->size)
        return other_size(t, strtoull(size, NULL, 10), err);
    return 0;
}

static int on_header(void *context, const char *line, struct error *err)
{
    struct transfer *t = context;
    if (strncmp(line, "HTTP/", 5) == 0)
        t->has_range = false; /* another reply follows a redirection */
    const char *range = http_header_value(line, "content-range");
    if (range) {
        uint64_t last;
        t->has_range = sscanf(range, "bytes %" SCNu64 "-%" SCNu64 "/%" SCNu64, &t->range_first,
                              &last, &t->range_size) == 3;
    }
    return check_linked(t, line, err);
}

/* ---- body ---- */

static bool has_file(const struct transfer *t)
{
    return t->reply.status == 200 || t->reply.status == 206;
}

/* Decides, before the first byte, what the body means for the file. */
static int accept_body(struct transfer *t, struct error *err)
{
    const struct download *d = t->d;
    if (t->reply.status == 206) {
        if (!t->has_range || t->range_first != d->offset) {
            t->from_start = true;
            return error_set(err, ERR_NETWORK,
                             "the server sent a different range of bytes than "
                             "requested");
        }
        t->total = t->range_size;
    } else {
        t->at = 0; /* the whole file, although a part was requested */
        if (ftruncate(d->fd, 0) < 0)
            return error_errno(err, errno, "cannot shorten the partial download");
        t->total = t->reply.length > 0 ? (uint64_t)t->reply.length : 0;
    }
    t->accepted = true;
    if (d->size && t->total && t->total != d->size)
        return other_size(t, t->total, err);
    return 0;
}

static int save_bytes(struct transfer *t, const char *data, size_t size, struct error *err)
{
    if (size > t->d->limit || t->at > t->d->limit - size)
        return error_set(err, ERR_CORRUPT,
                         "the server sends more than the expected %" PRIu64 " bytes", t->d->limit);
    while (size > 0) {
        ssize_t n = pwrite(t->d->fd, data, size, (off_t)t->at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set(err, ERR_IO,
                             "cannot save the download: %s; the partial download is kept",
                             strerror(errno));
        t->at += (uint64_t)n;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

static int on_data(void *context, const char *data, size_t size, struct error *err)
{
    struct transfer *t = context;
    if (!has_file(t))
        return HTTP_ENOUGH;
    int rc = t->accepted ? 0 : accept_body(t, err);
    return rc ? rc : save_bytes(t, data, size, err);
}

static bool on_proceed(void *context)
{
    struct transfer *t = context;
    return t->d->proceed(t->d->context, t->at, t->total ? t->total : t->d->size);
}

/* ---- the request ---- */

static int status_error(const struct transfer *t, struct download_result *result, struct error *err)
{
    long status = t->reply.status;
    result->retry_after_s = t->reply.retry_after_s;
    result->again = status == 408 || status == 429 || status >= 500;
    result->from_start = status == 416;
    if (status == 401 || status == 403)
        return error_set(err, ERR_NETWORK,
                         "the server refuses access (HTTP %ld): if the model needs an account, put "
                         "its token into HF_TOKEN",
                         status);
    if (status == 404)
        return error_set(err, ERR_NETWORK, "the server does not have the file (HTTP 404)");
    if (status == 429)
        return error_set(err, ERR_NETWORK,
                         "the server asks to slow down (HTTP 429): try again later");
    return error_set(err, ERR_NETWORK, "the server answered with HTTP status %ld", status);
}

/* Why no whole reply arrived, in words. */
static int explain_failure(const struct transfer *t, int rc, const struct error *why,
                           struct download_result *result, struct error *err)
{
    enum http_failure failure = t->reply.failure;
    if (rc == ERR_CANCELLED)
        return error_set(err, ERR_CANCELLED,
                         "interrupted; the partial download is kept for the next pull");
    if (failure == HTTP_STOPPED)
        return error_set(err, rc, "%s", why->message);
    result->again = !t->reply.final;
    if (failure == HTTP_SILENT || failure == HTTP_LATE_START)
        return error_set(err, ERR_NETWORK, "the connection stalled (%s)", why->message);
    return error_set(err, ERR_NETWORK, "%s", why->message);
}

static int conclude_transfer(struct transfer *t, int rc, const struct error *why,
                             struct download_result *result, struct error *err)
{
    result->reached = t->reply.status > 0;
    result->from_start = t->from_start;
    bool stopped = t->reply.failure == HTTP_STOPPED;
    if (!stopped && t->reply.status >= 400)
        return status_error(t, result, err);
    if (rc)
        return explain_failure(t, rc, why, result, err);
    if (!has_file(t))
        return status_error(t, result, err);
    if (!t->accepted) /* an empty body never reached on_data */
        return accept_body(t, err);
    return 0;
}

int download_run(const struct download *d, struct download_result *ret_result, struct error *err)
{
    struct transfer t = {.d = d, .at = d->offset};
    struct download_result result = {0};
    struct error why = ERROR_INIT;
    char range[32];
    AUTO_FREE char *bearer = d->bearer ? xasprintf("Authorization: Bearer %s", d->bearer) : NULL;
    const char *headers[] = {bearer, NULL};
    snprintf(range, sizeof range, "%" PRIu64 "-", d->offset);
    struct http_request request = {
        .url = d->url,
        .headers = headers,
        .range = d->offset ? range : NULL,
        .ca_file = d->ca_file,
        .redirections = MAX_REDIRECTIONS,
        .connect_s = CONNECT_SECONDS,
        .silence_s = d->stall_s,
        .context = &t,
        .proceed = on_proceed,
        .header = on_header,
        .data = on_data,
    };
    int rc = http_send(&request, &t.reply, &why);
    rc = conclude_transfer(&t, rc, &why, &result, err);
    result.from_start |= t.from_start;
    result.done = t.at;
    http_reply_release(&t.reply);
    if (bearer)
        explicit_bzero(bearer, strlen(bearer));
    *ret_result = result;
    return rc;
}
