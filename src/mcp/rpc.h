/* SPDX-License-Identifier: MIT */
/* JSON-RPC 2.0 (jsonrpc.org/specification) over lines. */
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
    RPC_UNSUPPORTED_VERSION = -32022, /* of the protocol */
};

enum rpc_kind {
    RPC_REQUEST,      /* wants a reply of its id */
    RPC_NOTIFICATION, /* wants none */
    RPC_RESPONSE,     /* to something we never asked */
    RPC_BROKEN,       /* to be answered with the error in `code` and `problem` */
};

struct rpc_message {
    enum rpc_kind kind;
    json_t *root;         /* owns the method and params; NULL when it is no JSON */
    char *id;             /* a text or a number, as JSON, just as it came: also where the message is
                             broken, or the number too large for us. NULL: none */
    const char *method;   /* "" unless a request or notification */
    const json_t *params; /* an object, or NULL: also where it is null */
    enum rpc_code code;
    char problem[256];
};

/* Reads one message from the bytes of a line, leniently (base/json_lenient.h). Never fails: what is
 * no message is RPC_BROKEN, with its id when one can be found. */
void rpc_parse(const char *line, size_t size, struct rpc_message *ret_message);
void rpc_message_release(struct rpc_message *message);

/* The next line without its end, bounded by LIMIT_MCP_LINE_BYTES: 1, or 0 at the end of the stream.
 * ERR_LIMIT for a longer one, which is skipped to its end; its beginning is given then, too.
 * *ret_line is the caller's. */
int rpc_read_line(FILE *in, char **ret_line, size_t *ret_size, struct error *err) MUST_CHECK;

/* The id in the text of a message, which may be cut off or broken, as rpc_message has it. */
char *rpc_find_id(const char *line, size_t size);

/* Each gives a line with its newline for the caller to free; takes result and data. id may be NULL,
 * data too. */
char *rpc_result(const char *id, json_t *result);
char *rpc_error(const char *id, enum rpc_code code, const char *sentence);
char *rpc_error_data(const char *id, enum rpc_code code, const char *sentence, json_t *data);
