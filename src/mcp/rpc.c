/* SPDX-License-Identifier: MIT */
/* Reads and writes JSON-RPC 2.0 messages, one per line. */
#include "mcp/rpc.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/json_lenient.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/strbuf.h"
#include "base/text.h"

static void break_off(struct rpc_message *m, enum rpc_code code, const char *problem)
{
    m->kind = RPC_BROKEN;
    m->code = code;
    text_copy(m->problem, sizeof m->problem, problem);
}

#define ID_BYTES_MAX 1000

static bool is_number(const char *text, size_t size)
{
    AUTO_FREE char *copy = xstrndup(text, size);
    AUTO_JSON *value = json_read_lenient(text, size, JSON_HALVES_REPLACED);
    return strspn(copy, "-+.0123456789eE") == size && json_is_number(value);
}

/* A string is returned as a string, even if it is malformed. */
char *rpc_find_id(const char *line, size_t size)
{
    size_t n;
    size_t mark = size >= 3 && memcmp(line, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    const char *raw = json_raw_member(line + mark, size - mark, "id", &n);
    if (!raw || n == 0 || n > ID_BYTES_MAX)
        return NULL;
    if (is_number(raw, n))
        return xstrndup(raw, n);
    AUTO_JSON *text = json_read_lenient(raw, n, JSON_HALVES_REPLACED);
    return json_is_string(text) ? json_dumps(text, JSON_ENCODE_ANY) : NULL;
}

static bool is_id(const json_t *id)
{
    double number = json_number_value(id);
    return json_is_string(id) || (json_is_number(id) && number == floor(number));
}

static void classify_message(struct rpc_message *m)
{
    const json_t *version = json_object_get(m->root, "jsonrpc");
    const json_t *method = json_object_get(m->root, "method");
    const json_t *id = json_object_get(m->root, "id"), *params = json_object_get(m->root, "params");
    params = json_is_null(params) ? NULL : params;
    if (!json_is_object(m->root))
        break_off(m, RPC_INVALID_REQUEST,
                  "a message must be one object on one line; batches are not supported");
    else if (!json_is_string(version) || strcmp(json_string_value(version), "2.0") != 0)
        break_off(m, RPC_INVALID_REQUEST, "the message lacks \"jsonrpc\": \"2.0\"");
    else if (!method && (json_object_get(m->root, "result") || json_object_get(m->root, "error")))
        m->kind = RPC_RESPONSE;
    else if (!json_is_string(method) || (id && (!is_id(id) || !m->id)))
        break_off(m, RPC_INVALID_REQUEST,
                  "a request needs a \"method\", and an \"id\" that is a string or a whole "
                  "number");
    else if (params && !json_is_object(params))
        break_off(m, RPC_INVALID_PARAMS, "\"params\" must be an object");
    else {
        m->kind = id ? RPC_REQUEST : RPC_NOTIFICATION;
        m->method = json_string_value(method);
        m->params = params;
    }
}

void rpc_parse(const char *line, size_t size, struct rpc_message *ret_message)
{
    struct error why;
    struct rpc_message m = {.method = "", .id = rpc_find_id(line, size)};
    m.root = json_read_lenient(line, size, JSON_HALVES_REPLACED);
    if (m.root)
        classify_message(&m);
    else if (json_read_bytes(line, size, "the message", &m.root, &why))
        break_off(&m, RPC_PARSE_ERROR, why.message);
    else
        BUG("JSON that is not lenient enough");
    *ret_message = m;
}

void rpc_message_release(struct rpc_message *message)
{
    json_decref(message->root);
    free(message->id);
    *message = (struct rpc_message){.method = ""};
}

int rpc_read_line(FILE *in, char **ret_line, size_t *ret_size, struct error *err)
{
    struct strbuf line = STRBUF_INIT(LIMIT_MCP_LINE_BYTES);
    bool too_long = false;
    int c;
    while ((c = getc_unlocked(in)) != EOF && c != '\n') {
        char byte = (char)c;
        too_long = too_long || strbuf_add(&line, &byte, 1, NULL);
    }
    if (c == EOF && line.length == 0 && !too_long) {
        strbuf_release(&line);
        return 0;
    }
    *ret_size = line.length;
    *ret_line = strbuf_take(&line);
    return too_long ? error_set(err, ERR_LIMIT, "a message may have at most %zu bytes",
                                LIMIT_MCP_LINE_BYTES)
                    : 1;
}

/* Takes ownership of message. */
static char *line_of(json_t *message, const char *id)
{
    char *text = json_dumps(message, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(message);
    if (!text)
        BUG("a reply that is not JSON");
    char *line = xasprintf("%.*s,\"id\":%s}\n", (int)strlen(text) - 1, text, id ? id : "null");
    free(text);
    return line;
}

char *rpc_result(const char *id, json_t *result)
{
    return line_of(json_pack("{s:s, s:o}", "jsonrpc", "2.0", "result", result), id);
}

char *rpc_error_data(const char *id, enum rpc_code code, const char *sentence, json_t *data)
{
    json_t *error = json_pack("{s:i, s:s}", "code", (int)code, "message", sentence);
    if (data)
        json_object_set_new(error, "data", data);
    return line_of(json_pack("{s:s, s:o}", "jsonrpc", "2.0", "error", error), id);
}

char *rpc_error(const char *id, enum rpc_code code, const char *sentence)
{
    return rpc_error_data(id, code, sentence, NULL);
}
