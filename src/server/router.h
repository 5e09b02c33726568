/* SPDX-License-Identifier: MIT */
/* Which handler a request is for: one table (routes_table.c) of method, pattern and what is needed
 * before it runs. openapi.json describes the same routes; a test compares them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct call;

/* Who runs it. Each lane has threads of its own, so that what is quick never waits for what is
 * slow. */
enum lane {
    LANE_NOW,    /* the socket's thread: microseconds, no gallery */
    LANE_QUICK,  /* reads a little of the gallery */
    LANE_SEARCH, /* compares a query with all vectors */
    LANE_WRITE,  /* changes the gallery */
    LANE_SLOW,   /* decodes pictures */
    LANE_COUNT,  /* of lanes whose threads workers.h has */
    LANE_SIGN_IN /* compares a secret in the socket's thread, then checks a password in sign_ins.h
                  */
};

enum body_kind {
    TAKES_NOTHING,
    TAKES_JSON,    /* an object, as application/json */
    TAKES_PICTURE, /* as an image type or application/octet-stream */
    TAKES_EITHER,  /* an object or a picture, as its type says */
};

/* Fills call->response. A negative code, with its sentence, becomes a problem document.
 * CALL_SLOWLY: runs again in LANE_SLOW. */
typedef int call_function(struct call *call, struct error *err);
#define CALL_SLOWLY 1

struct route {
    const char *method;  /* NULL ends the table */
    const char *pattern; /* "/api/v1/photos/{id}"; {id} is a positive number, {conversation} 32
                            hexadecimal digits */
    enum lane lane;
    bool for_anyone; /* without signing in */
    bool for_owner;  /* only after signing in, also where the server is open to everybody */
    enum body_kind takes;
    const char *parameters; /* names in the query, parted by blanks */
    call_function *run;
};

extern const struct route routes[];

struct match {
    const struct route *route; /* NULL: none */
    int64_t id;                /* of {id}, else 0 */
    char conversation[33];     /* of {conversation}, else "" */
    char allow[64];            /* "GET, POST": the methods of a path that has no `method`; "": there
                                  is no such path */
};

/* Whether the body of a request with this Content-Type is an object for the route. */
bool route_takes_json(const struct route *route, const char *content_type);

struct match router_find(const struct route *table, const char *method, const char *path);
