/* SPDX-License-Identifier: MIT */
/* The MCP server: its messages, its protocol revisions and its main loop. */
#include "mcp/mcp.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "ask/gate.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "mcp/mcp_input.h"
#include "mcp/mcp_tools.h"
#include "mcp/rpc.h"

/* The newest revision has no initialize: each request states its own revision, and server/discover
 * lists the capabilities. */
#define STATELESS "2026-07-28"
#define LIST_TTL_MS 3600000 /* the tools do not change while the server runs */
#define META "io.modelcontextprotocol/"

static const char *const revisions[] = {"2025-11-25", "2025-06-18", "2025-03-26",
                                        "2024-11-05", "2024-10-07", NULL};

static const char instructions[] =
    "The owner's photo gallery, on their machine. Search with search_photos, look with view_photo. "
    "Refer to a photo by its path. Names come from the owner only: do not guess who somebody is.";

static int write_line(struct mcp *mcp, const char *line, struct error *err)
{
    if (fputs(line, mcp->out) == EOF || fflush(mcp->out) == EOF)
        return error_errno(err, errno, "cannot write to the client");
    return 0;
}

/* ---- initialize ---- */

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* The client's revision if we support it, else our newest. */
static const char *agreed_revision(const char *wanted)
{
    for (size_t i = 0; revisions[i]; i++)
        if (strcmp(revisions[i], wanted) == 0)
            return revisions[i];
    return revisions[0];
}

static void note_client(struct mcp *mcp, const json_t *info)
{
    const char *name = text_of(info, "name");
    AUTO_FREE char *clean = text_printable(name, strlen(name));
    text_copy(mcp->client, sizeof mcp->client, clean[0] ? clean : "unknown client");
}

static json_t *server_info(void)
{
    return json_pack("{s:s, s:s, s:s}", "name", "keepsake", "title", "keepsake", "version",
                     KEEPSAKE_VERSION);
}

static json_t *reply_initialize(struct mcp *mcp, const json_t *params)
{
    note_client(mcp, json_object_get(params, "clientInfo"));
    return json_pack("{s:s, s:{s:{}}, s:o, s:s}", "protocolVersion",
                     agreed_revision(text_of(params, "protocolVersion")), "capabilities", "tools",
                     "serverInfo", server_info(), "instructions", instructions);
}

/* ---- the revision without a handshake ---- */

static json_t *supported_versions(void)
{
    json_t *list = json_pack("[s]", STATELESS);
    for (size_t i = 0; revisions[i]; i++)
        json_array_append_new(list, json_string(revisions[i]));
    return list;
}

static json_t *reply_discover(void)
{
    return json_pack("{s:o, s:{s:{}}, s:s}", "supportedVersions", supported_versions(),
                     "capabilities", "tools", "instructions", instructions);
}

/* The revision that a request states; "": none. */
static const char *revision_of(const struct rpc_message *message)
{
    const json_t *meta = json_object_get(message->params, "_meta");
    return text_of(meta, META "protocolVersion");
}

/* Adds the fields that each result of that revision has; the client may cache lists for a while. */
static void complete_result(json_t *result, bool is_list)
{
    json_object_set_new(result, "resultType", json_string("complete"));
    json_object_set_new(result, "_meta", json_pack("{s:o}", META "serverInfo", server_info()));
    if (!is_list)
        return;
    json_object_set_new(result, "ttlMs", json_integer(LIST_TTL_MS));
    json_object_set_new(result, "cacheScope", json_string("private"));
}

/* ---- tools ---- */

static json_t *parse_schema(const char *text)
{
    json_t *value = json_loads(text, 0, NULL);
    if (!value)
        BUG("a schema that is not JSON: %s", text);
    return value;
}

static json_t *list_tools(void)
{
    json_t *list = json_array();
    for (const struct mcp_tool *t = mcp_tools; t->name; t++) {
        json_t *tool =
            json_pack("{s:s, s:s, s:s, s:o, s:{s:b, s:b}}", "name", t->name, "title", t->title,
                      "description", t->description, "inputSchema", mcp_input_schema(t),
                      "annotations", "readOnlyHint", 1, "openWorldHint", 0);
        if (t->output)
            json_object_set_new(tool, "outputSchema", parse_schema(t->output));
        json_array_append_new(list, tool);
    }
    return json_pack("{s:o}", "tools", list);
}

/* Takes ownership of the reply's parts. */
static char *reply_line(const struct rpc_message *message, struct mcp_reply *reply)
{
    json_t *result = json_pack("{s:O, s:b}", "content", reply->content, "isError", reply->is_error);
    if (reply->structured)
        json_object_set(result, "structuredContent", reply->structured);
    if (revision_of(message)[0])
        complete_result(result, false);
    return rpc_result(message->id, result);
}

/* Records the reply in the ledger, and then sends it. */
static int send_reply(struct mcp *mcp, const struct rpc_message *message, struct mcp_reply *reply,
                      struct error *err)
{
    AUTO_FREE char *line = reply_line(message, reply);
    struct gate_parcel parcel = {.sender = {mcp->principal, "mcp"},
                                 .provider = "mcp",
                                 .host = mcp->client,
                                 .model = "",
                                 .photos = reply->photos,
                                 .facts = reply->facts,
                                 .bytes = strlen(line),
                                 .cost_usd = NAN};
    char name[GATE_NAME_SIZE];
    if (json_array_size(reply->photos) == 0)
        return write_line(mcp, line, err);
    struct error why;
    if (gate_record_sent(mcp->store, &parcel, name, &why)) {
        AUTO_FREE char *failed = rpc_error(message->id, RPC_INTERNAL_ERROR, why.message);
        return write_line(mcp, failed, err);
    }
    int rc = write_line(mcp, line, err);
    struct error unwritten;
    int noted = gate_record_end(mcp->store, &parcel, name, rc ? LEDGER_FAILED : LEDGER_ANSWERED,
                                NULL, NAN, rc ? err->message : "", &unwritten);
    return rc ? rc : noted ? error_set(err, noted, "%s", unwritten.message) : 0;
}

static const struct mcp_tool *find_tool(const char *name)
{
    const struct mcp_tool *t = mcp_tools;
    while (t->name && strcmp(t->name, name) != 0)
        t++;
    return t->name ? t : NULL;
}

static int refuse_call(struct mcp *mcp, const char *id, const char *sentence, struct error *err)
{
    AUTO_FREE char *line = rpc_error(id, RPC_INVALID_PARAMS, sentence);
    return write_line(mcp, line, err);
}

static int call_tool(struct mcp *mcp, const struct rpc_message *message, struct error *err)
{
    const struct mcp_tool *tool = find_tool(text_of(message->params, "name"));
    AUTO_JSON *input = NULL;
    if (!tool)
        return refuse_call(mcp, message->id, "unknown tool: tools/list lists the tools", err);
    struct mcp_reply reply = {.content = json_array(), .photos = json_array()};
    struct error why;
    const json_t *given = json_object_get(message->params, "arguments");
    if (mcp_fit_input(tool, given, &input, &reply) && tool->run(mcp, input, &reply, &why))
        mcp_refuse(&reply, "%s", why.message);
    int rc = send_reply(mcp, message, &reply, err);
    mcp_reply_release(&reply);
    return rc;
}

/* ---- messages ---- */

static int refuse_version(struct mcp *mcp, const char *id, const char *wanted, struct error *err)
{
    AUTO_FREE char *line = rpc_error_data(
        id, RPC_UNSUPPORTED_VERSION, "unsupported revision of the protocol",
        json_pack("{s:o, s:s}", "supported", supported_versions(), "requested", wanted));
    return write_line(mcp, line, err);
}

static int answer_message(struct mcp *mcp, const struct rpc_message *message, struct error *err)
{
    json_t *result = NULL;
    AUTO_FREE char *line = NULL;
    const char *revision = revision_of(message);
    bool is_discover = strcmp(message->method, "server/discover") == 0;
    bool is_list = is_discover || strcmp(message->method, "tools/list") == 0;
    if (revision[0] && strcmp(revision, STATELESS) != 0)
        return refuse_version(mcp, message->id, revision, err);
    if (revision[0])
        note_client(mcp,
                    json_object_get(json_object_get(message->params, "_meta"), META "clientInfo"));
    if (strcmp(message->method, "tools/call") == 0)
        return call_tool(mcp, message, err);
    if (strcmp(message->method, "initialize") == 0)
        result = reply_initialize(mcp, message->params);
    else if (strcmp(message->method, "ping") == 0)
        result = json_object();
    else if (strcmp(message->method, "tools/list") == 0)
        result = list_tools();
    else if (is_discover)
        result = reply_discover();
    if (result && (revision[0] || is_discover))
        complete_result(result, is_list);
    line = result ? rpc_result(message->id, result)
                  : rpc_error(message->id, RPC_METHOD_NOT_FOUND, "unknown method");
    return write_line(mcp, line, err);
}

static int take_line(struct mcp *mcp, const char *line, size_t size, struct error *err)
{
    struct rpc_message message;
    int rc = 0;
    if (strspn(line, " \t\r") == size)
        return 0;
    rpc_parse(line, size, &message);
    if (message.kind == RPC_REQUEST) {
        rc = answer_message(mcp, &message, err);
    } else if (message.kind == RPC_BROKEN) {
        AUTO_FREE char *reply = rpc_error(message.id, message.code, message.problem);
        rc = write_line(mcp, reply, err);
    }
    rpc_message_release(&message);
    return rc;
}

int mcp_serve(struct mcp *mcp, struct error *err)
{
    text_copy(mcp->client, sizeof mcp->client, "unknown client");
    for (;;) {
        char *line = NULL;
        size_t size = 0;
        struct error why;
        int rc = rpc_read_line(mcp->in, &line, &size, &why);
        if (rc == 0)
            return 0;
        if (rc > 0) {
            rc = take_line(mcp, line, size, err);
        } else {
            AUTO_FREE char *id = rpc_find_id(line, size);
            AUTO_FREE char *reply = rpc_error(id, RPC_INVALID_REQUEST, why.message);
            rc = write_line(mcp, reply, err);
        }
        free(line);
        if (rc)
            return rc;
    }
}
