/* SPDX-License-Identifier: MIT */
/* What a client gives to a tool, made what the tool's schema says where that is meant. Private to
 * mcp/. */
#pragma once

#include "mcp/mcp_tools.h"

/* The schema of the tool's input, with which other names are refused. A new reference. */
json_t *mcp_input_schema(const struct mcp_tool *tool);

/* A copy of `given` (an object, a text of one, or nothing) without what is null or "", and with
 * years as texts. False after mcp_refuse: it is no object, or has a name that the tool does not
 * have. The caller releases *ret_input. */
bool mcp_fit_input(const struct mcp_tool *tool, const json_t *given, json_t **ret_input,
                   struct mcp_reply *reply);
