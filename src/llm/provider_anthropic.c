/* SPDX-License-Identifier: MIT */
/* Anthropic's own API, as its SDK talks to it (client.ts). */
#include "base/memory.h"
#include "llm/messages_body.h"
#include "llm/model_facts.h"
#include "llm/provider.h"

/* anthropic-version, of the SDK since 1.0. */
#define VERSION "2026-10-21"
/* What gateways know that do not know it. */
#define OLDEST_VERSION "2023-06-01"

static const char *const key_variables[] = {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", NULL};

static bool is_set_up(void)
{
    return provider_variable_is_set("ANTHROPIC_API_KEY") ||
           provider_variable_is_set("ANTHROPIC_AUTH_TOKEN") ||
           provider_variable_is_set("ANTHROPIC_BASE_URL");
}

static int configure_anthropic(struct llm *llm, const struct llm_options *options,
                               struct error *err)
{
    llm->base_url = provider_address(options->base_url, "ANTHROPIC_BASE_URL",
                                     xstrdup("https://api.anthropic.com"), "/v1/messages");
    return provider_key(llm, options, key_variables, err);
}

static const char *missing_setting(const struct llm *llm)
{
    if (headers_get(&llm->custom, "authorization") || headers_get(&llm->custom, "x-api-key"))
        return NULL;
    return "there is no key: set ANTHROPIC_API_KEY, or name a file of mode 0600 that holds one "
           "(--llm-key-file), or ask a model on this machine (--provider openai: llama-server, "
           "Ollama)";
}

static char *request_url(const struct llm *llm)
{
    return xasprintf("%s/v1/messages", llm->base_url);
}

static json_t *request_body(const struct llm *llm, const struct llm_request *request)
{
    struct messages_form form = {
        .model = llm->model, .top_level_cache = true, .image_transformations = true};
    provider_fit_messages(llm, &form);
    return messages_body(&form, request);
}

static void set_headers(const struct llm *llm, struct headers *headers)
{
    bool is_old = provider_lacks(llm, PART_VERSION);
    headers_set(headers, "anthropic-version", is_old ? OLDEST_VERSION : VERSION);
    if (llm->key && provider_lacks(llm, PART_BEARER))
        headers_set(headers, "x-api-key", llm->key);
    else
        provider_bearer(llm, headers);
}

static void get_limits(const struct llm *llm, struct llm_limits *ret_limits)
{
    model_limits(llm->model, ret_limits);
    ret_limits->strict_image_size = !provider_lacks(llm, PART_TRANSFORMATIONS);
}

const struct provider provider_anthropic = {
    .name = "anthropic",
    .default_model = "claude-sonnet-5-5",
    .is_set_up = is_set_up,
    .configure = configure_anthropic,
    .missing = missing_setting,
    .url = request_url,
    .body = request_body,
    .headers = set_headers,
    .custom_headers = "ANTHROPIC_CUSTOM_HEADERS",
    .protocol = &stream_messages,
    .limits = get_limits,
};
