/* SPDX-License-Identifier: MIT */
/* An admitted request on its way through a handler. */
#pragma once

#include <jansson.h>

#include "base/error.h"
#include "base/principal.h"
#include "server/client.h"
#include "server/http.h"
#include "server/router.h"
#include "server/target.h"
#include "server/workers.h"
#include "store/store.h"

struct server;
struct asset;

struct call {
    struct server *server;
    struct http_request *request;
    struct response *reply;
    struct client client;
    const struct principal *principal; /* who asks; admission.c finds it out */
    struct target target;
    struct match match;
    const struct asset *asset; /* instead of a route */
    enum pool_id pool;         /* the worker pool that runs it now */
    struct worker *worker;     /* NULL in POOL_NOW */
    json_t *body;              /* of routes that take JSON */
    char *folder;              /* of the filter (list_call.h); NULL: none */
    size_t reserved;           /* bytes of bodies, see admission.h */
    double began;              /* clock_seconds */
};

/* The gallery of the thread that runs the call. */
int call_store(struct call *call, struct store **ret_store, struct error *err) MUST_CHECK;

/* Answers 304 when the client already has `etag` (without quotes), else sets ETag; true: answered.
 */
bool call_is_unchanged(struct call *call, const char *etag);

/* As respond_json with status 200, with an ETag of the content, so that a client that has it
 * already gets 304. */
void call_reply_tagged(struct call *call, json_t *object);

/* Whether the owner asks. If not, fills the reply: 401, or 403 on an open server, where not signing
 * in is normal. `deed` is what needs it ("changing never-send rules"). */
bool call_is_owners(struct call *call, const char *deed);

/* Checks that an object has only the keys `known`, separated by blanks. ERR_INVALID. */
int call_check_keys(const json_t *object, const char *known, struct error *err) MUST_CHECK;
