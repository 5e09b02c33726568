/* SPDX-License-Identifier: MIT */
/* Amazon Bedrock's mantle endpoint, with a bearer token, as AnthropicBedrockMantle talks to it. */
#include <string.h>

#include "base/memory.h"
#include "llm/keys.h"
#include "llm/messages_body.h"
#include "llm/model_facts.h"
#include "llm/provider.h"

#define VERSION "2026-10-21"

static const char *const key_variables[] = {"AWS_BEARER_TOKEN_BEDROCK", NULL};

static bool is_set_up(void)
{
    return provider_variable_is_set("AWS_BEARER_TOKEN_BEDROCK") ||
           provider_variable_is_set("ANTHROPIC_BEDROCK_MANTLE_BASE_URL");
}

static bool is_region(const char *region)
{
    return region[strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static int configure_bedrock(struct llm *llm, const struct llm_options *options, struct error *err)
{
    llm->region = keys_variable("AWS_REGION");
    if (!llm->region)
        llm->region = keys_variable("AWS_DEFAULT_REGION");
    if (llm->region && !is_region(llm->region))
        return error_set(err, ERR_INVALID, "AWS_REGION is not a region such as us-east-1");
    char *usual =
        llm->region ? xasprintf("https://bedrock-mantle.%s.api.aws/anthropic", llm->region) : NULL;
    llm->base_url = provider_address(options->base_url, "ANTHROPIC_BEDROCK_MANTLE_BASE_URL", usual,
                                     "/v1/messages");
    if (!llm->base_url)
        return error_set(err, ERR_INVALID,
                         "bedrock needs a region: set AWS_REGION, such as us-east-1");
    /* Names without the platform's prefix are what people know. */
    if (llm->model && strncmp(llm->model, "claude-", 7) == 0) {
        char *model = xasprintf("anthropic.%s", llm->model);
        free(llm->model);
        llm->model = model;
    }
    return provider_key(llm, options, key_variables, err);
}

static const char *missing_setting(const struct llm *llm)
{
    if (headers_get(&llm->custom, "authorization"))
        return NULL;
    return "there is no key: set AWS_BEARER_TOKEN_BEDROCK to an API key of Bedrock, or name a file "
           "of mode 0600 that holds one (--llm-key-file)";
}

static char *request_url(const struct llm *llm)
{
    return xasprintf("%s/v1/messages", llm->base_url);
}

static json_t *request_body(const struct llm *llm, const struct llm_request *request)
{
    struct messages_form form = {.model = llm->model};
    provider_fit_messages(llm, &form);
    return messages_body(&form, request);
}

static void set_headers(const struct llm *llm, struct headers *headers)
{
    headers_set(headers, "anthropic-version", VERSION);
    provider_bearer(llm, headers);
}

static void get_limits(const struct llm *llm, struct llm_limits *ret_limits)
{
    model_limits(llm->model, ret_limits);
    ret_limits->request_bytes = 20000000;  /* what Bedrock takes elsewhere */
    ret_limits->strict_image_size = false; /* not documented there */
}

const struct provider provider_bedrock = {
    .name = "bedrock",
    .default_model = "anthropic.claude-sonnet-5-5",
    .is_set_up = is_set_up,
    .configure = configure_bedrock,
    .missing = missing_setting,
    .url = request_url,
    .body = request_body,
    .headers = set_headers,
    .custom_headers = "ANTHROPIC_CUSTOM_HEADERS",
    .protocol = &stream_messages,
    .limits = get_limits,
};
