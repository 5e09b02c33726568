/* SPDX-License-Identifier: MIT */
/* The facts of a photo as JSON: one form for the command line, the API and MCP. */
#pragma once

#include <jansson.h>

#include "base/facts.h"

/* The value: a text, a number, an array of texts for a list; null, or "" where the table says so,
 * when it is not known. The caller releases. */
json_t *fact_to_json(const struct fact *fact, const struct photo_facts *facts);

enum facts_how {
    FACTS_BRIEF = 1, /* only those that the table calls brief: for a photo among many */
    FACTS_NULLS = 2, /* what is not known is null (or ""); else it is left out */
};

/* Adds them to a photo's `object`, each under its name, within the object of its group. `how`:
 * enum facts_how, added up. */
void facts_to_json(const struct photo_facts *facts, unsigned how, json_t *object);
/* The object of one group, as facts_to_json adds it; NULL where it would add none. */
json_t *facts_group_to_json(const struct photo_facts *facts, enum fact_group group, unsigned how);
/* A JSON schema {"properties": ..., "required": ...} of what facts_to_json adds with FACTS_NULLS:
 * those that are brief, or the others. Each fact in it says "x-fact": {"type", "print", "filter",
 * "sort"}, as the table does. The caller releases. */
json_t *facts_schema(bool brief);
