/* SPDX-License-Identifier: MIT */
/* Finds the handler of a request: one table (routes_table.c) of methods, patterns and requirements.
 * openapi.json describes the same routes; a test compares them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct call;

/* Which threads run it. Each worker pool has its own threads, so quick requests never queue behind
 * slow ones. */
enum pool_id {
    POOL_NOW,    /* on the socket's thread: microseconds, no gallery */
    POOL_QUICK,  /* reads a little of the gallery */
    POOL_SEARCH, /* compares a query with all vectors */
    POOL_WRITE,  /* changes the gallery */
    POOL_SLOW,   /* decodes pictures */
    POOL_COUNT,  /* the number of pools in workers.h */
    POOL_SIGN_IN /* compares a token on the socket's thread, then checks a password in sign_ins.h */
};

enum body_kind {
    TAKES_NOTHING,
    TAKES_JSON,    /* an object, as application/json */
    TAKES_PICTURE, /* as an image type or application/octet-stream */
    TAKES_EITHER,  /* an object or a picture, as its type says */
};

/* Fills call->reply. A negative code with its message becomes a problem document. CALL_SLOWLY: run
 * it again in POOL_SLOW. */
typedef int call_function(struct call *call, struct error *err);
#define CALL_SLOWLY 1

struct route {
    const char *method;  /* NULL ends the table */
    const char *pattern; /* "/api/v1/photos/{id}"; {id} and {photo} are positive numbers,
                            {conversation} 32 hexadecimal digits */
    enum pool_id pool;
    bool for_anyone; /* without signing in */
    bool for_owner;  /* only after signing in, even on an open server */
    enum body_kind takes;
    const char *parameters; /* names of query parameters, separated by blanks */
    call_function *run;
};

extern const struct route routes[];

struct match {
    const struct route *route; /* NULL: none */
    int64_t id;                /* of {id}, else 0 */
    int64_t photo;             /* of {photo}, else 0 */
    char conversation[33];     /* of {conversation}, else "" */
    char allow[64]; /* "GET, POST": the methods of the path when `method` is not one of them; "":
                       there is no such path */
};

/* Whether a body of this Content-Type is a JSON object for the route. */
bool route_takes_json(const struct route *route, const char *content_type);

struct match router_find(const struct route *table, const char *method, const char *path);
