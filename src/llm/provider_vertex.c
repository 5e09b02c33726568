/* SPDX-License-Identifier: MIT */
/* Google Vertex AI's streamRawPredict, with an OAuth token, used as AnthropicVertex uses it: the
 * model is in the URL, the version in the body. The token is valid for an hour; `gcloud auth
 * print-access-token` prints one. */
#include <string.h>

#include "base/memory.h"
#include "llm/keys.h"
#include "llm/provider_messages.h"

static const char *const key_variables[] = {"GOOGLE_OAUTH_ACCESS_TOKEN", NULL};

static const char *const set_up_by[] = {"ANTHROPIC_VERTEX_PROJECT_ID", "ANTHROPIC_VERTEX_BASE_URL",
                                        NULL};

/* Whether the name can be part of the path and of the host name: letters, digits and few marks. */
static bool is_name(const char *name)
{
    return *name && name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789-_.:@")] == '\0';
}

static char *usual_address(const char *region)
{
    if (strcmp(region, "global") == 0)
        return xstrdup("https://aiplatform.googleapis.com/v1");
    if (strcmp(region, "us") == 0 || strcmp(region, "eu") == 0)
        return xasprintf("https://aiplatform.%s.rep.googleapis.com/v1", region);
    return xasprintf("https://%s-aiplatform.googleapis.com/v1", region);
}

static int configure_vertex(struct llm *llm, const struct llm_options *options, struct error *err)
{
    llm->project = keys_variable("ANTHROPIC_VERTEX_PROJECT_ID");
    llm->region = keys_variable("CLOUD_ML_REGION");
    if (!llm->project || !is_name(llm->project))
        return error_set(err, ERR_INVALID,
                         "vertex needs a project: set ANTHROPIC_VERTEX_PROJECT_ID");
    if (!llm->region || !is_name(llm->region))
        return error_set(err, ERR_INVALID,
                         "vertex needs a region: set CLOUD_ML_REGION, such as "
                         "global or europe-west1");
    if (llm->model && !is_name(llm->model))
        return error_set(err, ERR_INVALID, "invalid model name for vertex");
    llm->base_url = provider_address(options->base_url, "ANTHROPIC_VERTEX_BASE_URL",
                                     usual_address(llm->region), "");
    return provider_key(llm, options, key_variables, err);
}

static char *request_url(const struct llm *llm)
{
    return xasprintf("%s/projects/%s/locations/%s/publishers/anthropic/models/%s:streamRawPredict",
                     llm->base_url, llm->project, llm->region, llm->model);
}

static const struct messages_service service = {
    .model_in_address = true,
    .request_bytes = 30000000,
    .no_key = "no key: set GOOGLE_OAUTH_ACCESS_TOKEN to the output of `gcloud auth "
              "print-access-token`, or give a file of mode 0600 that contains the token "
              "(--llm-key-file)",
};

const struct provider provider_vertex = {
    .name = "vertex",
    .default_model = "claude-sonnet-5-5",
    .set_up_by = set_up_by,
    .configure = configure_vertex,
    .missing = messages_missing,
    .url = request_url,
    .body = messages_request,
    .headers = messages_headers,
    .custom_headers = "ANTHROPIC_CUSTOM_HEADERS",
    .protocol = &stream_messages,
    .limits = messages_limits,
    .messages = &service,
};
