/* SPDX-License-Identifier: MIT */
/* Chat completions as OpenAI's SDK requests them: primarily from llama.cpp's llama-server and
 * Ollama on this machine, and from any compatible server over https.
 *
 * If the user names no model, "default" is sent: llama-server ignores the name and serves the
 * model that it has loaded. Ollama and servers elsewhere need a name. */
#include <string.h>

#include "base/memory.h"
#include "llm/chat_body.h"
#include "llm/keys.h"
#include "llm/provider.h"

#define OPENAI_URL "https://api.openai.com/v1"
#define LLAMA_SERVER_URL "http://127.0.0.1:8080/v1"
#define OLLAMA_PORT "11434"

static const char *const key_variables[] = {"OPENAI_API_KEY", NULL};

static const char *const set_up_by[] = {"OPENAI_API_KEY", "OPENAI_BASE_URL", "OLLAMA_HOST", NULL};

static bool has_port(const char *host)
{
    const char *bracket = strrchr(host, ']'), *colon = strrchr(host, ':');
    return colon && (!bracket || colon > bracket);
}

/* Returns OLLAMA_HOST as Ollama's own client reads it: [scheme://]host[:port]; 0.0.0.0, the
 * address that the server binds to, means this machine. NULL if unset. */
static char *ollama_address(void)
{
    AUTO_FREE char *value = keys_variable("OLLAMA_HOST");
    if (!value)
        return NULL;
    const char *mark = strstr(value, "://");
    const char *host = mark ? mark + 3 : value;
    AUTO_FREE char *scheme = mark ? xstrndup(value, (size_t)(mark - value)) : xstrdup("http");
    AUTO_FREE char *bare = xstrndup(host, strcspn(host, "/"));
    bool any = strncmp(bare, "0.0.0.0", 7) == 0 && (bare[7] == '\0' || bare[7] == ':');
    const char *name = any ? "127.0.0.1" : *bare == ':' ? "127.0.0.1" : "";
    const char *rest = any ? bare + 7 : bare;
    return xasprintf("%s://%s%s%s/v1", scheme, name, rest,
                     has_port(bare) || mark ? "" : ":" OLLAMA_PORT);
}

/* Adds the version path to an http:// address without a path, such as Ollama's. */
static void add_version(struct llm *llm)
{
    if (strncmp(llm->base_url, "http://", 7) != 0 || strchr(llm->base_url + 7, '/'))
        return;
    char *whole = xasprintf("%s/v1", llm->base_url);
    free(llm->base_url);
    llm->base_url = whole;
}

/* The environment's key for OpenAI is not sent to Ollama. */
static int configure_openai(struct llm *llm, const struct llm_options *options, struct error *err)
{
    bool given =
        (options->base_url && *options->base_url) || provider_variable_is_set("OPENAI_BASE_URL");
    char *ollama = given ? NULL : ollama_address();
    llm->key_name = key_variables[0];
    int rc = ollama && !options->key_file ? 0 : provider_key(llm, options, key_variables, err);
    char *usual = ollama ? ollama : xstrdup(llm->key ? OPENAI_URL : LLAMA_SERVER_URL);
    llm->base_url =
        provider_address(options->base_url, "OPENAI_BASE_URL", usual, "/chat/completions");
    add_version(llm);
    if (!llm->model) {
        llm->model = xstrdup("default");
        llm->model_unset = true;
    }
    return rc;
}

static bool is_openai(const struct llm *llm)
{
    return strcmp(llm->address.host, "api.openai.com") == 0;
}

static const char *missing_setting(const struct llm *llm)
{
    if (is_openai(llm) && !llm->key && !headers_get(&llm->custom, "authorization"))
        return "no key: set OPENAI_API_KEY, or give a file of mode 0600 that contains the key "
               "(--llm-key-file)";
    if (llm->model_unset && !llm_is_own(llm))
        return "no model: give its name with --llm-model";
    return NULL;
}

static char *request_url(const struct llm *llm)
{
    return xasprintf("%s/chat/completions", llm->base_url);
}

static json_t *request_body(const struct llm *llm, const struct llm_request *request)
{
    bool other_name = provider_lacks(llm, PART_LIMIT_NAME);
    struct chat_form form = {.model = llm->model,
                             .new_limit_name = is_openai(llm) != other_name,
                             .no_limit = provider_lacks(llm, PART_LIMIT),
                             .no_tools = provider_lacks(llm, PART_TOOLS),
                             .no_stream = provider_lacks(llm, PART_STREAM),
                             .no_stream_options = provider_lacks(llm, PART_STREAM_OPTIONS),
                             .no_system = provider_lacks(llm, PART_SYSTEM),
                             .no_effort = provider_lacks(llm, PART_EFFORT),
                             .strict_roles = provider_lacks(llm, PART_ROLES)};
    return chat_body(&form, request);
}

/* Models on this machine take small pictures and have short contexts; the limits of others are
 * unknown. */
static void get_limits(const struct llm *llm, struct llm_limits *ret_limits)
{
    int edge = llm_is_own(llm) ? 1024 : 1568;
    *ret_limits = (struct llm_limits){
        .images = 16,
        .image_edge_px = edge,
        .image_tokens = (int)llm_image_tokens(edge, edge),
        .many_images = 16,
        .many_image_edge_px = edge,
        .image_bytes = 3700000,
        .request_bytes = 32000000,
        .tools = !provider_lacks(llm, PART_TOOLS),
        .strict_image_size = false,
    };
}

const struct provider provider_openai = {
    .name = "openai",
    .set_up_by = set_up_by,
    .configure = configure_openai,
    .missing = missing_setting,
    .custom_headers = "OPENAI_CUSTOM_HEADERS",
    .url = request_url,
    .body = request_body,
    .headers = provider_bearer,
    .protocol = &stream_chat,
    .limits = get_limits,
};
