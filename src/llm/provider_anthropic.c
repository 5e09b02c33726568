/* SPDX-License-Identifier: MIT */
/* Anthropic's own API, used as its SDK uses it (client.ts). */
#include "base/memory.h"
#include "llm/provider_messages.h"

static const char *const key_variables[] = {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", NULL};

static const char *const set_up_by[] = {"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN",
                                        "ANTHROPIC_BASE_URL", NULL};

static int configure_anthropic(struct llm *llm, const struct llm_options *options,
                               struct error *err)
{
    llm->base_url = provider_address(options->base_url, "ANTHROPIC_BASE_URL",
                                     xstrdup("https://api.anthropic.com"), "/v1/messages");
    return provider_key(llm, options, key_variables, err);
}

static const struct messages_service service = {
    .is_first_party = true,
    .no_key = "no key: set ANTHROPIC_API_KEY, or give a file of mode 0600 that contains the key "
              "(--llm-key-file), or use a model on this machine (--provider openai: "
              "llama-server, Ollama)",
};

const struct provider provider_anthropic = {
    .name = "anthropic",
    .default_model = "claude-sonnet-5-5",
    .set_up_by = set_up_by,
    .configure = configure_anthropic,
    .missing = messages_missing,
    .url = messages_url,
    .body = messages_request,
    .headers = messages_headers,
    .custom_headers = "ANTHROPIC_CUSTOM_HEADERS",
    .protocol = &stream_messages,
    .limits = messages_limits,
    .messages = &service,
};
