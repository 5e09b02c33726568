/* SPDX-License-Identifier: MIT */
/* Selects and opens a provider, and reports limits, token counts and prices. */
#include "llm/llm.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "llm/keys.h"
#include "llm/prices.h"
#include "llm/provider.h"
#include "net/web.h"

#define CONNECT_S 10
#define SILENCE_S 120
#define TOTAL_S 600
#define OWN_SILENCE_S 600 /* a CPU takes minutes to read a large picture */
#define OWN_TOTAL_S 3600

/* In the order in which the environment is searched. */
static const struct provider *const providers[] = {&provider_anthropic, &provider_bedrock,
                                                   &provider_vertex, &provider_openai};
enum { PROVIDERS = sizeof providers / sizeof *providers };

static bool is_set_up(const struct provider *provider)
{
    for (const char *const *name = provider->set_up_by; *name; name++)
        if (provider_variable_is_set(*name))
            return true;
    return false;
}

static const struct provider *set_up_provider(void)
{
    for (size_t i = 0; i < PROVIDERS; i++)
        if (is_set_up(providers[i]))
            return providers[i];
    return providers[0];
}

static int find_provider(const char *name, const struct provider **ret_provider, struct error *err)
{
    if (!name || !*name) {
        *ret_provider = set_up_provider();
        return 0;
    }
    for (size_t i = 0; i < PROVIDERS; i++) {
        if (strcmp(providers[i]->name, name) != 0)
            continue;
        *ret_provider = providers[i];
        return 0;
    }
    return error_set(err, ERR_INVALID,
                     "unknown provider \"%.40s\": choose anthropic, bedrock, vertex or openai",
                     name);
}

static double or_default(double value, double otherwise)
{
    return value > 0 ? value : otherwise;
}

static int configure_provider(struct llm *llm, const struct llm_options *options, struct error *err)
{
    const char *model =
        options->model && *options->model ? options->model : llm->provider->default_model;
    llm->model = model ? xstrdup(model) : NULL;
    llm->ca_file = options->ca_file ? xstrdup(options->ca_file) : web_ca_file();
    llm->connect_s = or_default(options->connect_s, CONNECT_S);
    const char *variable = llm->provider->custom_headers;
    AUTO_FREE char *custom = keys_variable(variable);
    int rc = custom ? headers_parse(&llm->custom, custom, variable, err) : 0;
    if (!rc)
        rc = llm->provider->configure(llm, options, err);
    if (!rc)
        rc = http_read_address(llm->base_url, "the address of the language model",
                               options->plain_http, &llm->address, err);
    bool own = !rc && llm_is_own(llm);
    llm->silence_s = or_default(options->silence_s, own ? OWN_SILENCE_S : SILENCE_S);
    llm->total_s = or_default(options->total_s, own ? OWN_TOTAL_S : TOTAL_S);
    return rc;
}

int llm_open(const struct llm_options *options, struct llm **ret_llm, struct error *err)
{
    AUTO(llm) *llm = xcalloc(1, sizeof *llm);
    int rc = find_provider(options->provider, &llm->provider, err);
    if (!rc)
        rc = configure_provider(llm, options, err);
    if (rc)
        return rc;
    llm->prices = prices_load();
    llm->daily_budget_usd = options->daily_budget_usd;
    *ret_llm = llm;
    llm = NULL;
    return 0;
}

void llm_close(struct llm *llm)
{
    if (!llm)
        return;
    keys_forget(llm->key);
    headers_release(&llm->custom);
    json_decref(llm->prices);
    free(llm->model);
    free(llm->base_url);
    free(llm->project);
    free(llm->region);
    free(llm->ca_file);
    free(llm);
}

int llm_check_key(const struct llm *llm, struct error *err)
{
    bool complete = llm->key && !llm->model_unset;
    const char *missing = complete ? NULL : llm->provider->missing(llm);
    return missing ? error_set(err, ERR_NO_KEY, "cannot ask %s: %s", llm->address.host, missing)
                   : 0;
}

double llm_daily_budget(const struct llm *llm)
{
    return llm->daily_budget_usd;
}

const char *llm_provider(const struct llm *llm)
{
    return llm->provider->name;
}

const char *llm_model(const struct llm *llm)
{
    return llm->model;
}

const char *llm_host(const struct llm *llm)
{
    return llm->address.host;
}

bool llm_is_local(const struct llm *llm)
{
    return llm->address.loopback && llm->provider == &provider_openai;
}

bool llm_is_own(const struct llm *llm)
{
    return (llm->address.loopback || llm->address.plain) && llm->provider == &provider_openai;
}

void llm_limits(const struct llm *llm, struct llm_limits *ret_limits)
{
    llm->provider->limits(llm, ret_limits);
    if (llm->max_images && llm->max_images < ret_limits->images)
        ret_limits->images = llm->max_images;
}

int llm_fewer_images(const struct llm *llm)
{
    return llm->many_images ? llm->max_images : 0;
}

int64_t llm_image_tokens(int width, int height)
{
    return ((int64_t)width + 27) / 28 * (((int64_t)height + 27) / 28);
}

int64_t llm_text_tokens(size_t bytes)
{
    return ((int64_t)bytes + 2) / 3;
}

int llm_body(const struct llm *llm, const struct llm_request *request, char **ret_body,
             size_t *ret_size, struct error *err)
{
    AUTO_JSON *body = llm->provider->body(llm, request);
    char *text = json_dumps(body, JSON_COMPACT);
    if (!text)
        return error_set(err, ERR_INVALID, "the request is not valid UTF-8 text");
    *ret_body = text;
    *ret_size = strlen(text);
    return 0;
}

void llm_usage_add(struct llm_usage *sum, const struct llm_usage *more)
{
    sum->input_tokens += more->input_tokens;
    sum->output_tokens += more->output_tokens;
    sum->cache_read_tokens += more->cache_read_tokens;
    sum->cache_write_tokens += more->cache_write_tokens;
}

int llm_oversized_image_px(const struct llm *llm)
{
    return llm->oversized_px;
}

bool llm_may_have_charged(const struct llm *llm)
{
    return llm->may_have_charged;
}

double llm_cost(const struct llm *llm, const struct llm_usage *usage)
{
    return llm_is_own(llm) ? 0 : prices_cost(llm->prices, llm->model, usage);
}

const char *llm_price_date(const struct llm *llm)
{
    return prices_date(llm->prices);
}
