/* SPDX-License-Identifier: MIT */
/* One HTTP POST whose reply streams in. Part of the only module that knows libcurl.
 *
 * Redirections are not followed: the request carries a key. A connection is used once, so that a
 * request is never sent again without our knowing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"

struct http_address {
    char host[256]; /* without port and brackets */
    bool loopback;  /* this machine: localhost, 127.0.0.0/8, ::1 */
    bool plain;     /* another one, unencrypted, by the owner's consent */
};

/* Takes "https://host[:port][/path]", and "http://..." only for this machine and for the hosts that
 * `plain_hosts` names, parted by blanks or commas (NULL: none). ERR_INVALID, naming `where` the
 * address came from, for everything else; the address itself is not repeated (it may hold a
 * password). */
int http_read_address(const char *url, const char *where, const char *plain_hosts,
                      struct http_address *ret_address, struct error *err) MUST_CHECK;

/* An HTTP date as seconds since 1970; -1: not one. */
int64_t http_read_date(const char *text);

enum { HTTP_ENOUGH = 1, HTTP_SETTLED = 2 };

struct http_request {
    const char *url;
    const char *host;           /* for sentences */
    const char *const *headers; /* "Name: value", up to a NULL */
    const char *body;
    size_t size;
    const char *ca_file; /* NULL: the system's */
    bool loopback;
    bool direct;  /* by no proxy */
    bool patient; /* a silent server is slow: asking again would only begin anew */
    double connect_s, silence_s, total_s; /* limits */
    void *context;
    bool (*proceed)(void *context); /* asked every 50 ms or more often; false: ERR_CANCELLED */
    /* A piece of the body of a 2xx reply. HTTP_ENOUGH: the rest does not matter; HTTP_SETTLED: what
     * may follow is worth a short wait; negative: stop with that error. */
    int (*data)(void *context, const char *bytes, size_t size, struct error *err);
};

struct http_reply {
    long status;     /* 0: no reply arrived */
    bool sent_whole; /* all of the request had left */
    char content_type[128], request_id[128];
    char should_retry[16], retry_after[64], retry_after_ms[64]; /* "" without such a header */
    struct strbuf body; /* of a reply that is not 2xx: its first LIMIT_LLM_ERROR_BYTES */
    bool final;         /* trying again cannot help: a bad certificate, our own refusal */
};

/* 0 when a whole reply arrived, whatever its status. ERR_NETWORK when it did not; ERR_CANCELLED;
 * ERR_LIMIT for a body past LIMIT_LLM_REPLY_BYTES; what data() returned. *ret_reply is always
 * written and to be released. */
int http_post(const struct http_request *request, struct http_reply *ret_reply,
              struct error *err) MUST_CHECK;
void http_reply_release(struct http_reply *reply);

/* The version of libcurl, such as "7.88.1". */
const char *http_engine_version(void);
