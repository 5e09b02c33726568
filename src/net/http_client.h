/* SPDX-License-Identifier: MIT */
/* One HTTP request whose reply streams in: the only place of the program that sends anything to a
 * server on the web. It is used by llm/ (questions) and by models/ (downloads).
 *
 * Certificates are always verified. A connection is used once, so that a request is never sent
 * again without our knowing. What a failure means is said by the caller: http_send tells the kind
 * (enum http_failure) and what libcurl or the limit says of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"

/* What data() returns besides 0 and error codes. */
enum { HTTP_ENOUGH = 1, HTTP_SETTLED = 2 };

struct http_request {
    const char *url;
    const char *const *headers; /* "Name: value", up to a NULL; NULL: none */
    const char *body;           /* of a POST; NULL: a GET */
    size_t size;
    const char *range;   /* of a GET: the bytes that are wanted, such as "1000-"; NULL: all */
    const char *ca_file; /* NULL: the system's */
    bool plain;          /* http:// is allowed, too */
    bool direct;         /* by no proxy */
    int redirections;    /* that are followed at most, each to https:// */
    double connect_s;    /* limit until the server is connected */
    double silence_s;    /* limit between two moments in which something moves, once connected */
    double total_s;      /* limit for all of it; 0: none */
    size_t body_bytes;   /* the most that a reply may have; 0: no limit */
    size_t kept_bytes;   /* of a reply that is not 2xx: how much of it is kept */
    void *context;
    bool (*proceed)(void *context); /* asked every 50 ms or more often; false: ERR_CANCELLED */
    /* Each header of each reply, those of redirections included; may be NULL. An error code stops
     * the request with that error. */
    int (*header)(void *context, const char *line, struct error *err);
    /* A piece of the body of a 2xx reply, whose status and length are in the reply already.
     * HTTP_ENOUGH: the rest does not matter; HTTP_SETTLED: what may follow is worth a short wait;
     * an error code: stop with that error. */
    int (*data)(void *context, const char *bytes, size_t size, struct error *err);
};

/* Why no whole reply arrived. */
enum http_failure {
    HTTP_FINE,
    HTTP_STOPPED,     /* by the caller: proceed(), header() or data() */
    HTTP_UNTRUSTED,   /* its certificate does not prove that it is this server */
    HTTP_BAD_ADDRESS, /* cannot be used, or leads elsewhere too often */
    HTTP_UNREACHABLE, /* its name is not known, or nothing listens there */
    HTTP_LATE_START,  /* was not connected within connect_s */
    HTTP_SILENT,      /* nothing moved for silence_s */
    HTTP_LATE_END,    /* did not end within total_s */
    HTTP_TOO_LONG,    /* more than body_bytes */
    HTTP_LOST,        /* the connection broke */
};

struct http_reply {
    enum http_failure failure;
    long status;          /* 0: no reply arrived */
    int64_t length;       /* of the body, as announced; -1: it was not */
    bool sent_whole;      /* all of the request had left */
    bool final;           /* trying again cannot help: HTTP_UNTRUSTED, HTTP_BAD_ADDRESS */
    double retry_after_s; /* what Retry-After asks for; 0: nothing */
    char content_type[128], request_id[128];
    char should_retry[16], retry_after[64], retry_after_ms[64]; /* "" without such a header */
    struct strbuf body; /* of a reply that is not 2xx: its first kept_bytes */
};

/* 0 when a whole reply arrived, whatever its status. ERR_CANCELLED; what header() or data()
 * returned; ERR_INVALID (HTTP_BAD_ADDRESS), ERR_LIMIT (HTTP_TOO_LONG) or ERR_NETWORK for the other
 * failures, with the reason in *err, without the server's name. *ret_reply is always written, and
 * to be released. */
int http_send(const struct http_request *request, struct http_reply *ret_reply,
              struct error *err) MUST_CHECK;
void http_reply_release(struct http_reply *reply);

/* The value of the header `name` when the line is one, without blanks before it; else NULL. */
const char *http_header_value(const char *line, const char *name);

/* An HTTP date as seconds since 1970; -1: not one. */
int64_t http_read_date(const char *text);

/* The version of libcurl, such as "7.88.1". */
const char *http_engine_version(void);
