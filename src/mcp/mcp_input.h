/* SPDX-License-Identifier: MIT */
/* Converts a client's input to the schema of a tool where the meaning is clear. Private to mcp/. */
#pragma once

#include "mcp/mcp_tools.h"

/* Returns the schema of the tool's input, extended to refuse other names. A new reference. */
json_t *mcp_input_schema(const struct mcp_tool *tool);

/* Copies `given` (an object, an object as text, or nothing) without values that are null or "",
 * and with years as strings. Returns false after mcp_refuse if it is not an object, or has a name
 * that the tool does not have. The caller releases *ret_input. */
bool mcp_fit_input(const struct mcp_tool *tool, const json_t *given, json_t **ret_input,
                   struct mcp_reply *reply);
