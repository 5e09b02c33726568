#include "mcp/rpc.h"

#include <string.h>

#include "base/json.h"
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

static bool is_id(const json_t *id)
{
    return json_is_string(id) || json_is_integer(id);
}

static void classify(struct rpc_message *m)
{
    const json_t *version = json_object_get(m->root, "jsonrpc");
    const json_t *method = json_object_get(m->root, "method");
    const json_t *id = json_object_get(m->root, "id"), *params = json_object_get(m->root, "params");
    m->id = is_id(id) ? id : NULL;
    if (!json_is_object(m->root))
        break_off(m, RPC_INVALID_REQUEST,
                  "a message is one object on a line; batches are not taken");
    else if (!json_is_string(version) || strcmp(json_string_value(version), "2.0") != 0)
        break_off(m, RPC_INVALID_REQUEST, "the message lacks \"jsonrpc\": \"2.0\"");
    else if (!method && (json_object_get(m->root, "result") || json_object_get(m->root, "error")))
        m->kind = RPC_RESPONSE;
    else if (!json_is_string(method) || (id && !m->id))
        break_off(m, RPC_INVALID_REQUEST,
                  "a request has a \"method\", and an \"id\" that is a text "
                  "or a whole number");
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
    struct rpc_message m = {.method = ""};
    if (json_read_bytes(line, size, "the message", &m.root, &why))
        break_off(&m, RPC_PARSE_ERROR, why.message);
    else
        classify(&m);
    *ret_message = m;
}

void rpc_message_release(struct rpc_message *message)
{
    json_decref(message->root);
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
    if (too_long || (c == EOF && line.length == 0)) {
        strbuf_release(&line);
        return too_long ? error_set(err, ERR_LIMIT, "a message may have at most %zu bytes",
                                    LIMIT_MCP_LINE_BYTES)
                        : 0;
    }
    *ret_size = line.length;
    *ret_line = strbuf_take(&line);
    return 1;
}

/* Takes message. */
static char *line_of(json_t *message, const json_t *id)
{
    json_object_set(message, "id", id ? (json_t *)(uintptr_t)id : json_null());
    char *text = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    if (!text)
        BUG("a reply that is not JSON");
    char *line = xasprintf("%s\n", text);
    free(text);
    return line;
}

char *rpc_result(const json_t *id, json_t *result)
{
    return line_of(json_pack("{s:s, s:o}", "jsonrpc", "2.0", "result", result), id);
}

char *rpc_error(const json_t *id, enum rpc_code code, const char *sentence)
{
    return line_of(json_pack("{s:s, s:{s:i, s:s}}", "jsonrpc", "2.0", "error", "code", (int)code,
                             "message", sentence),
                   id);
}
