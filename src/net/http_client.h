/* SPDX-License-Identifier: MIT */
/* Sends one HTTP request and streams its reply: the only place in the program that sends anything
 * to a server on the web. It is used by llm/ (questions) and by models/ (downloads).
 *
 * Certificates are always verified. A connection is used only once, so that a request is never
 * repeated without our knowledge. The caller explains a failure: http_send returns its kind (enum
 * http_failure) and the message of libcurl or of the limit. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"

/* Return values of data() besides 0 and error codes. */
enum { HTTP_ENOUGH = 1, HTTP_SETTLED = 2 };

struct http_request {
    const char *url;
    const char *const *headers; /* "Name: value", ending with a NULL; NULL: none */
    const char *body;           /* of a POST; NULL: a GET */
    size_t size;
    const char *range;   /* of a GET: the requested bytes, such as "1000-"; NULL: all */
    const char *ca_file; /* NULL: the system's */
    bool plain;          /* http:// is also allowed */
    bool direct;         /* without a proxy */
    int redirections;    /* maximum number to follow, each to https:// */
    double connect_s;    /* timeout for connecting to the server */
    double silence_s;    /* timeout without any transfer, once connected */
    double total_s;      /* timeout for the whole request; 0: none */
    size_t body_bytes;   /* maximum size of a reply; 0: no limit */
    size_t kept_bytes;   /* maximum number of bytes to keep of a reply that is not 2xx */
    void *context;
    bool (*proceed)(void *context); /* called every 50 ms or more often; false: ERR_CANCELLED */
    /* Receives each header of each reply, including those of redirections; may be NULL. An error
     * code stops the request with that error. */
    int (*header)(void *context, const char *line, struct error *err);
    /* Receives a piece of the body of a 2xx reply, whose status and length are already set.
     * HTTP_ENOUGH: the remaining bytes can be ignored; HTTP_SETTLED: wait only briefly for any
     * more; an error code: stop with that error. */
    int (*data)(void *context, const char *bytes, size_t size, struct error *err);
};

/* The reason why no complete reply arrived. */
enum http_failure {
    HTTP_FINE,
    HTTP_STOPPED,     /* by the caller: proceed(), header() or data() */
    HTTP_UNTRUSTED,   /* the server's certificate could not be verified */
    HTTP_BAD_ADDRESS, /* unusable, or redirected too often */
    HTTP_UNREACHABLE, /* the host name is unknown, or the connection was refused */
    HTTP_LATE_START,  /* not connected within connect_s */
    HTTP_SILENT,      /* no transfer for silence_s */
    HTTP_LATE_END,    /* not complete within total_s */
    HTTP_TOO_LONG,    /* more than body_bytes */
    HTTP_LOST,        /* the connection broke */
};

struct http_reply {
    enum http_failure failure;
    long status;          /* 0: no reply arrived */
    int64_t length;       /* of the body, as announced; -1: not announced */
    bool sent_whole;      /* the whole request had been sent */
    bool final;           /* a retry cannot help: HTTP_UNTRUSTED, HTTP_BAD_ADDRESS */
    double retry_after_s; /* value of Retry-After; 0: none */
    char content_type[128], request_id[128];
    char should_retry[16], retry_after[64], retry_after_ms[64]; /* "" without such a header */
    struct strbuf body; /* the first kept_bytes of a reply that is not 2xx */
};

/* Returns 0 if a complete reply arrived, whatever its status. ERR_CANCELLED; the return value of
 * header() or data(); ERR_INVALID (HTTP_BAD_ADDRESS), ERR_LIMIT (HTTP_TOO_LONG) or ERR_NETWORK for
 * the other failures, with the reason in *err, without the server's name. *ret_reply is always
 * written, and the caller releases it. */
int http_send(const struct http_request *request, struct http_reply *ret_reply,
              struct error *err) MUST_CHECK;
void http_reply_release(struct http_reply *reply);

/* Returns the value of the header `name`, without leading blanks, if the line is that header; else
 * NULL. */
const char *http_header_value(const char *line, const char *name);

/* Parses an HTTP date to seconds since 1970; -1: invalid. */
int64_t http_read_date(const char *text);

/* The version of libcurl, such as "7.88.1". */
const char *http_engine_version(void);
