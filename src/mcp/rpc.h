/* SPDX-License-Identifier: MIT */
/* JSON-RPC 2.0 (jsonrpc.org/specification), one message per line. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

enum rpc_code {
    RPC_PARSE_ERROR = -32700,
    RPC_INVALID_REQUEST = -32600,
    RPC_METHOD_NOT_FOUND = -32601,
    RPC_INVALID_PARAMS = -32602,
    RPC_INTERNAL_ERROR = -32603,
    RPC_UNSUPPORTED_VERSION = -32022, /* the requested version of the protocol */
};

enum rpc_kind {
    RPC_REQUEST,      /* expects a reply with its id */
    RPC_NOTIFICATION, /* expects no reply */
    RPC_RESPONSE,     /* to a request that was never sent */
    RPC_BROKEN,       /* to be answered with the error in `code` and `problem` */
};

struct rpc_message {
    enum rpc_kind kind;
    json_t *root; /* owns the method and params; NULL if the line is not JSON */
    /* A string or a number, as JSON, exactly as it arrived, even if the message is malformed or
     * the number exceeds our range. NULL: none. */
    char *id;
    const char *method;   /* "" unless a request or notification */
    const json_t *params; /* an object, or NULL, also for a JSON null */
    enum rpc_code code;
    char problem[256];
};

/* Reads one message from the bytes of a line, leniently (base/json_lenient.h). Never fails: an
 * invalid message is RPC_BROKEN, with its id if one can be found. */
void rpc_parse(const char *line, size_t size, struct rpc_message *ret_message);
void rpc_message_release(struct rpc_message *message);

/* Reads the next line without its line end, bounded by LIMIT_MCP_LINE_BYTES. Returns 1, or 0 at
 * the end of the stream. ERR_LIMIT for a longer line, which is skipped to its end; its beginning
 * is also returned in this case. The caller frees *ret_line. */
int rpc_read_line(FILE *in, char **ret_line, size_t *ret_size, struct error *err) MUST_CHECK;

/* Returns the id in the text of a message, which may be cut off or malformed, as rpc_message has
 * it. */
char *rpc_find_id(const char *line, size_t size);

/* Each returns a line with its newline, which the caller frees, and takes ownership of result and
 * data. id and data may be NULL. */
char *rpc_result(const char *id, json_t *result);
char *rpc_error(const char *id, enum rpc_code code, const char *sentence);
char *rpc_error_data(const char *id, enum rpc_code code, const char *sentence, json_t *data);
