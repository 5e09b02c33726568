/* SPDX-License-Identifier: MIT */
/* Builds the response to a request, problem documents included. */
#include "server/response.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

static void release_body(struct response *r)
{
    if (r->body == BODY_MEMORY)
        free((void *)(uintptr_t)r->data);
    if (r->body == BODY_FILE)
        close(r->fd);
    if (r->body == BODY_EVENTS)
        events_unref(r->events);
    r->body = BODY_NONE;
    r->data = NULL;
    r->size = 0;
    r->events = NULL;
}

void response_release(struct response *r)
{
    release_body(r);
    for (size_t i = 0; i < r->header_count; i++)
        free(r->headers[i].value);
    *r = (struct response){0};
}

void respond_header(struct response *r, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *value = xvasprintf(format, args);
    va_end(args);
    for (size_t i = 0; i < r->header_count; i++)
        if (strcasecmp(r->headers[i].name, name) == 0) {
            free(r->headers[i].value);
            r->headers[i].value = value;
            return;
        }
    if (r->header_count == RESPONSE_HEADERS_MAX)
        BUG("more than %d headers", RESPONSE_HEADERS_MAX);
    r->headers[r->header_count].name = name;
    r->headers[r->header_count++].value = value;
}

const char *response_header(const struct response *r, const char *name)
{
    for (size_t i = 0; i < r->header_count; i++)
        if (strcasecmp(r->headers[i].name, name) == 0)
            return r->headers[i].value;
    return NULL;
}

static void begin(struct response *r, int status, enum response_body body, const char *type)
{
    release_body(r);
    r->status = status;
    r->body = body;
    if (type)
        respond_header(r, "Content-Type", "%s", type);
}

void respond_empty(struct response *r, int status)
{
    begin(r, status, BODY_NONE, NULL);
}

void respond_memory(struct response *r, int status, const char *type, void *data, size_t size)
{
    begin(r, status, BODY_MEMORY, type);
    r->data = data;
    r->size = size;
}

void respond_borrowed(struct response *r, int status, const char *type, const void *data,
                      size_t size)
{
    begin(r, status, BODY_BORROWED, type);
    r->data = data;
    r->size = size;
}

void respond_file(struct response *r, int status, const char *type, int fd, uint64_t offset,
                  uint64_t size)
{
    begin(r, status, BODY_FILE, type);
    r->fd = fd;
    r->offset = offset;
    r->size = size;
}

static void respond_object(struct response *r, int status, const char *type, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(object);
    if (!text)
        BUG("a reply that is not JSON");
    respond_memory(r, status, type, text, strlen(text));
}

void respond_json(struct response *r, int status, json_t *object)
{
    respond_object(r, status, "application/json", object);
}

void respond_events(struct response *r, struct events *events)
{
    begin(r, 200, BODY_EVENTS, "text/event-stream");
    r->events = events;
    respond_header(r, "Cache-Control", "no-store");
    respond_header(r, "X-Accel-Buffering", "no"); /* nginx: do not buffer events */
}

/* ---- problems ---- */

const char *status_title(int status)
{
    static const struct {
        int status;
        const char *title;
    } titles[] = {
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {402, "Payment Required"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (titles[i].status == status)
            return titles[i].title;
    return "Error";
}

json_t *problem_json(int status, const char *code, const char *sentence)
{
    AUTO_FREE char *detail = text_printable(sentence, strlen(sentence));
    json_t *object = json_object();
    json_object_set_new(object, "type", json_string("about:blank"));
    json_object_set_new(object, "title", json_string(status_title(status)));
    json_object_set_new(object, "status", json_integer(status));
    json_object_set_new(object, "detail", json_string(detail));
    if (code)
        json_object_set_new(object, "code", json_string(code));
    return object;
}

void respond_problem_object(struct response *r, int status, json_t *problem)
{
    respond_object(r, status, "application/problem+json", problem);
    respond_header(r, "Cache-Control", "no-store");
}

void respond_problem(struct response *r, int status, const char *code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTO_FREE char *sentence = xvasprintf(format, args);
    va_end(args);
    respond_problem_object(r, status, problem_json(status, code, sentence));
}

static int status_of(int code)
{
    switch (code) {
    case ERR_INVALID:
        return 400;
    case ERR_NOT_FOUND:
        return 404;
    case ERR_DENIED:
        return 403;
    case ERR_LIMIT:
        return 413;
    case ERR_UNSUPPORTED:
        return 422;
    case ERR_CANCELLED:
    case ERR_MISMATCH:
    case ERR_NO_KEY:
        return 409;
    case ERR_NETWORK:
    case ERR_NO_MEMORY:
        return 503;
    default:
        return 500;
    }
}

json_t *problem_of_error(const struct error *err)
{
    return problem_json(status_of(err->code), error_name(err->code), err->message);
}

void respond_error(struct response *r, const struct error *err)
{
    respond_problem(r, status_of(err->code), error_name(err->code), "%s", err->message);
}
