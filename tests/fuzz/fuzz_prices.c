/* SPDX-License-Identifier: MIT */
/* A price table: any JSON gives a cost of 0 or more, or none. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "llm/prices.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const models[] = {"claude-haiku-5-5", "us.anthropic.claude-x-v1:0", "m", ""};
    static const struct llm_usage usages[] = {{.input_tokens = 1000, .output_tokens = 10},
                                              {.cache_read_tokens = 200000},
                                              {.cache_write_tokens = INT64_MAX / 4},
                                              {.input_tokens = 0}};
    AUTO_JSON *prices = NULL;
    if (json_read_bytes(data, size, "prices", &prices, NULL))
        return 0;
    if (!prices_date(prices))
        BUG("no date");
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        for (size_t j = 0; j < sizeof usages / sizeof *usages; j++)
            if (prices_cost(prices, models[i], &usages[j]) < 0 ||
                isinf(prices_cost(prices, models[i], &usages[j])))
                BUG("a cost that is none");
    return 0;
}
