/* SPDX-License-Identifier: MIT */
/* The reply to a request, before it is sent. One of the respond_* functions fills it; the last one
 * called counts. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "server/events.h"

#define RESPONSE_HEADERS_MAX 24

enum response_body {
    BODY_NONE,
    BODY_MEMORY,   /* data is freed after sending */
    BODY_BORROWED, /* data is part of the program */
    BODY_FILE,     /* size bytes of fd from offset on; fd is closed after sending */
    BODY_EVENTS,   /* events is unreferenced after sending */
};

struct response {
    int status; /* 0: not filled yet */
    struct {
        const char *name;
        char *value;
    } headers[RESPONSE_HEADERS_MAX];
    size_t header_count;
    enum response_body body;
    const void *data;
    uint64_t size;
    int fd;
    uint64_t offset;
    struct events *events;
};

void response_release(struct response *r);

/* Sets a header, replacing one of the same name. `name` is borrowed. */
void respond_header(struct response *r, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *response_header(const struct response *r, const char *name); /* NULL: not set */

void respond_empty(struct response *r, int status);
/* Takes over data, which malloc allocated. */
void respond_memory(struct response *r, int status, const char *type, void *data, size_t size);
void respond_borrowed(struct response *r, int status, const char *type, const void *data,
                      size_t size);
void respond_file(struct response *r, int status, const char *type, int fd, uint64_t offset,
                  uint64_t size);
/* Takes over the object. */
void respond_json(struct response *r, int status, json_t *object);
/* Takes over a reference. */
void respond_events(struct response *r, struct events *events);

/* A problem document (RFC 9457). `code`: a word for programs; NULL: none. */
void respond_problem(struct response *r, int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* A problem document for an error of a lower layer. */
void respond_error(struct response *r, const struct error *err);
/* The document alone, for use in a stream; a new reference. */
json_t *problem_json(int status, const char *code, const char *sentence);
/* The same with an object of problem_json, to which members were added; takes ownership of it. */
void respond_problem_object(struct response *r, int status, json_t *problem);
json_t *problem_of_error(const struct error *err);

/* "Not Found"; "Error" for statuses that the server does not use. */
const char *status_title(int status);
