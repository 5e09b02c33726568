/* SPDX-License-Identifier: MIT */
/* The JSON schema of a tool's input, and the conversion of a client's input to it. */
#include "mcp/mcp_input.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/json_lenient.h"
#include "base/memory.h"
#include "base/text.h"

json_t *mcp_input_schema(const struct mcp_tool *tool)
{
    json_t *schema = json_loads(tool->input, 0, NULL);
    if (!schema)
        BUG("a schema that is not JSON: %s", tool->input);
    json_object_set_new(schema, "additionalProperties", json_false());
    return schema;
}

static char *names_of(const json_t *properties)
{
    const char *key;
    json_t *value;
    char *names = NULL;
    json_object_foreach((json_t *)(uintptr_t)properties, key, value)
    {
        char *longer = names ? xasprintf("%s, %s", names, key) : xstrdup(key);
        free(names);
        names = longer;
    }
    return names ? names : xstrdup("none");
}

static bool refuse_unknown(const struct mcp_tool *tool, const json_t *properties, const char *key,
                           struct mcp_reply *reply)
{
    AUTO_FREE char *names = names_of(properties);
    AUTO_FREE char *safe = text_printable(key, strlen(key));
    mcp_refuse(reply, "%s has no argument \"%.80s\"; its arguments are: %s", tool->name, safe,
               names);
    return false;
}

static bool is_absent(const json_t *value)
{
    return json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0);
}

/* Converts a year that arrived as a number. */
static json_t *fit_value(const char *key, json_t *value)
{
    bool is_date = strcmp(key, "from") == 0 || strcmp(key, "until") == 0;
    if (!is_date || !json_is_integer(value))
        return json_incref(value);
    AUTO_FREE char *text = xasprintf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return json_string(text);
}

/* Returns a new reference; NULL if it is not an object. */
static json_t *object_of(const json_t *given)
{
    if (!given || is_absent(given))
        return json_object();
    json_t *object = json_is_string(given)
                         ? json_read_lenient(json_string_value(given), json_string_length(given),
                                             JSON_HALVES_REPLACED)
                         : json_incref((json_t *)(uintptr_t)given);
    if (json_is_object(object))
        return object;
    json_decref(object);
    return NULL;
}

bool mcp_fit_input(const struct mcp_tool *tool, const json_t *given, json_t **ret_input,
                   struct mcp_reply *reply)
{
    AUTO_JSON *schema = mcp_input_schema(tool);
    AUTO_JSON *object = object_of(given);
    const json_t *properties = json_object_get(schema, "properties");
    AUTO_JSON *input = json_object();
    const char *key;
    json_t *value;
    if (!object) {
        mcp_refuse(reply, "\"arguments\" must be an object");
        return false;
    }
    json_object_foreach(object, key, value)
    {
        if (!json_object_get(properties, key))
            return refuse_unknown(tool, properties, key, reply);
        if (!is_absent(value))
            json_object_set_new(input, key, fit_value(key, value));
    }
    *ret_input = json_incref(input);
    return true;
}
