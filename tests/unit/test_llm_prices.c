/* SPDX-License-Identifier: MIT */
/* The price table that is shipped, against the prices of the models' pages as sums worked by hand.
 */
#include "base/json.h"
#include "llm/model_facts.h"
#include "llm/prices.h"
#include "tap.h"

static void costs(const json_t *prices, const char *model, struct llm_usage usage, double dollars,
                  const char *name)
{
    double got = prices_cost(prices, model, &usage);
    if (!ok(fabs(got - dollars) < 1e-9, "%s: $%g", name, dollars))
        diag("got %.9g", got);
}

static void test_sums(const json_t *prices)
{
    struct llm_usage five_photos = {.input_tokens = 5 * 1564 + 600, .output_tokens = 300};
    costs(prices, "claude-haiku-5-5", five_photos, 0.000992, "five photos, haiku");
    costs(prices, "claude-sonnet-5-5", five_photos, 0.01984, "five photos, sonnet");
    costs(prices, "claude-opus-5-5", five_photos, 0.03968, "five photos, opus");
    costs(prices, "claude-haiku-5-5", (struct llm_usage){.input_tokens = 100000}, 0.01,
          "haiku, a prompt of 100,000");
    costs(prices, "claude-haiku-5-5",
          (struct llm_usage){.input_tokens = 100001, .output_tokens = 1000}, 0.0500005 + 0.0025,
          "haiku, a larger one");
    costs(prices, "claude-haiku-5-5",
          (struct llm_usage){.input_tokens = 1, .cache_read_tokens = 100000}, 0.5e-6 + 0.005,
          "what the cache holds counts as prompt");
    costs(prices, "claude-haiku-5-5",
          (struct llm_usage){.cache_write_tokens = 8000, .cache_read_tokens = 8000},
          0.001 + 0.00008, "writing and reading the cache");
    costs(prices, "claude-sonnet-5-5", (struct llm_usage){.input_tokens = 0}, 0, "nothing");
}

static void test_names(const json_t *prices)
{
    static const char *const same[] = {
        "claude-haiku-4-5",
        "claude-haiku-4-5-20251001",
        "claude-haiku-4-5@20251001",
        "anthropic.claude-haiku-4-5",
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "global.anthropic.claude-haiku-4-5",
    };
    struct llm_usage million = {.input_tokens = 1000000};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        costs(prices, same[i], million, 1, same[i]);
    ok(isnan(prices_cost(prices, "gpt-5", &million)), "an unknown model: not known");
    ok(isnan(prices_cost(prices, "claude-haiku-4-55", &million)), "a longer name: not known");
    ok(isnan(prices_cost(prices, "", &million)), "no name: not known");
    ok(isnan(prices_cost(NULL, "claude-haiku-4-5", &million)), "no table: not known");
    is_str(prices_date(NULL), "", "... and no date");
}

static void test_table(const json_t *prices)
{
    int year, month, day;
    ok(sscanf(prices_date(prices), "%4d-%2d-%2d", &year, &month, &day) == 3, "dated %s",
       prices_date(prices));
    const char *name;
    json_t *tiers;
    json_object_foreach(json_object_get(prices, "models"), name, tiers)
    {
        size_t n = json_array_size(tiers);
        bool good = n > 0;
        for (size_t i = 0; i < n; i++) {
            const json_t *tier = json_array_get(tiers, i);
            double in = json_number_value(json_object_get(tier, "input"));
            double out = json_number_value(json_object_get(tier, "output"));
            double read = json_number_value(json_object_get(tier, "cache_read"));
            double write = json_number_value(json_object_get(tier, "cache_write"));
            good &= 0 < read && read < in && in < write && write < out;
            good &= (i + 1 == n) == (json_object_get(tier, "up_to_prompt_tokens") == NULL);
        }
        ok(good, "%s: reading the cache < input < writing it < output, the last tier is open",
           name);
    }
}

static void test_limits(void)
{
    struct llm_limits l;
    model_limits("claude-sonnet-5-5", &l);
    ok(l.image_edge_px == 2576 && l.image_tokens == 4784 && l.images == 600, "sonnet-5-5: large");
    model_limits("eu.anthropic.claude-opus-4-8", &l);
    ok(l.image_edge_px == 2576 && l.images == 100,
       "opus-4-8 at Bedrock: large pictures, no long context");
    model_limits("claude-haiku-4-5@20251001", &l);
    ok(l.image_edge_px == 1568 && l.image_tokens == 1568 && l.images == 100, "haiku-4-5: small");
    model_limits("claude-opus-50", &l);
    ok(l.image_edge_px == 1568, "a name that only begins like one: small");
    is_int(llm_image_tokens(1920, 1080), 2691, "1920x1080, from the vision page");
    is_int(llm_image_tokens(2000, 1500), 3888, "tokens of 2000x1500 pixels");
    is_int(llm_image_tokens(1456, 819), 1560, "tokens of 1456x819 pixels");
    is_int(llm_image_tokens(1000, 1000), 1296, "tokens of 1000x1000 pixels");
    is_int(llm_image_tokens(200, 200), 64, "tokens of 200x200 pixels");
}

int main(void)
{
    json_t *prices = NULL;
    struct error err = ERROR_INIT;
    if (!is_int(json_read_file("models/prices.json", 1 << 20, &prices, &err), 0,
                "the table of prices is read")) {
        diag("%s", err.message);
        return done_testing();
    }
    test_sums(prices);
    test_names(prices);
    test_table(prices);
    test_limits();
    json_decref(prices);
    return done_testing();
}
