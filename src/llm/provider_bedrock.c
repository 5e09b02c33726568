/* SPDX-License-Identifier: MIT */
/* Amazon Bedrock's mantle endpoint, with a bearer token, used as AnthropicBedrockMantle uses it. */
#include <string.h>

#include "base/memory.h"
#include "llm/keys.h"
#include "llm/provider_messages.h"

static const char *const key_variables[] = {"AWS_BEARER_TOKEN_BEDROCK", NULL};

static const char *const set_up_by[] = {"AWS_BEARER_TOKEN_BEDROCK",
                                        "ANTHROPIC_BEDROCK_MANTLE_BASE_URL", NULL};

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
    /* People use the names without the platform's prefix. */
    if (llm->model && strncmp(llm->model, "claude-", 7) == 0) {
        char *model = xasprintf("anthropic.%s", llm->model);
        free(llm->model);
        llm->model = model;
    }
    return provider_key(llm, options, key_variables, err);
}

static const struct messages_service service = {
    .request_bytes = 20000000, /* the limit of Bedrock's other endpoints */
    .no_key =
        "no key: set AWS_BEARER_TOKEN_BEDROCK to an API key of Bedrock, or give a file of mode "
        "0600 that contains the key (--llm-key-file)",
};

const struct provider provider_bedrock = {
    .name = "bedrock",
    .default_model = "anthropic.claude-sonnet-5-5",
    .set_up_by = set_up_by,
    .configure = configure_bedrock,
    .missing = messages_missing,
    .url = messages_url,
    .body = messages_request,
    .headers = messages_headers,
    .custom_headers = "ANTHROPIC_CUSTOM_HEADERS",
    .protocol = &stream_messages,
    .limits = messages_limits,
    .messages = &service,
};
