/* SPDX-License-Identifier: MIT */
/* The price table: models/prices.json in the program's data folder.
 *
 *     {"date": "2026-11-25", "sources": [...], "models": {"claude-haiku-5-5": [
 *         {"up_to_prompt_tokens": 100000, "input": 0.1, "output": 0.5, "cache_read": 0.01,
 *          "cache_write": 0.125},
 *         {"input": 0.5, ...}]}}
 *
 * Prices are US dollars per million tokens; the first tier that fits a request's whole prompt
 * applies. */
#pragma once

#include <jansson.h>

#include "llm/llm.h"

/* NULL if there is no table, or it cannot be read. */
json_t *prices_load(void);

/* "" without a table. Borrowed. */
const char *prices_date(const json_t *prices);

/* The price of one request; NAN if the model is not in the table, or there is no table. */
double prices_cost(const json_t *prices, const char *model, const struct llm_usage *usage);
