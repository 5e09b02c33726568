/* SPDX-License-Identifier: MIT */
/* Loads the price table, and computes the cost of a request. */
#include "llm/prices.h"

#include <math.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "llm/model_facts.h"

/* Per million tokens; a price above it or below 0 is invalid. */
#define HIGHEST_PRICE_USD 1e6

json_t *prices_load(void)
{
    AUTO_FREE char *data = file_program_data();
    json_t *prices = NULL;
    if (!data)
        return NULL;
    AUTO_FREE char *path = file_join(data, "models/prices.json");
    if (json_read_file(path, LIMIT_LLM_PRICES_BYTES, &prices, NULL))
        return NULL;
    return prices;
}

const char *prices_date(const json_t *prices)
{
    const char *date = json_string_value(json_object_get(prices, "date"));
    return date ? date : "";
}

static const json_t *find_tier(const json_t *tiers, int64_t prompt)
{
    for (size_t i = 0; i < json_array_size(tiers); i++) {
        const json_t *tier = json_array_get(tiers, i);
        const json_t *limit = json_object_get(tier, "up_to_prompt_tokens");
        if (!limit || prompt <= json_integer_value(limit))
            return tier;
    }
    return NULL;
}

/* 0 tokens cost nothing, even if the table has no price for their kind. */
static double cost_of(const json_t *tier, const char *kind, int64_t tokens)
{
    const json_t *price = json_object_get(tier, kind);
    if (tokens == 0)
        return 0;
    double usd = json_is_number(price) ? json_number_value(price) : NAN;
    return usd >= 0 && usd <= HIGHEST_PRICE_USD ? usd * (double)tokens / 1e6 : NAN;
}

double prices_cost(const json_t *prices, const char *model, const struct llm_usage *usage)
{
    char name[128];
    model_plain_name(model, name, sizeof name);
    const json_t *tiers = json_object_get(json_object_get(prices, "models"), name);
    const json_t *tier = find_tier(tiers, usage->input_tokens + usage->cache_read_tokens +
                                              usage->cache_write_tokens);
    if (!tier)
        return NAN;
    return cost_of(tier, "input", usage->input_tokens) +
           cost_of(tier, "output", usage->output_tokens) +
           cost_of(tier, "cache_read", usage->cache_read_tokens) +
           cost_of(tier, "cache_write", usage->cache_write_tokens);
}
