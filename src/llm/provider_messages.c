/* SPDX-License-Identifier: MIT */
/* Requests of the Messages API: the part that its providers share. */
#include "llm/provider_messages.h"

#include "base/memory.h"
#include "llm/messages_body.h"
#include "llm/model_facts.h"

/* anthropic-version, as the SDK sends it since 1.0. */
#define VERSION "2026-10-21"
/* Supported by gateways that do not know VERSION. */
#define OLDEST_VERSION "2023-06-01"

static const struct messages_service *service_of(const struct llm *llm)
{
    return llm->provider->messages;
}

char *messages_url(const struct llm *llm)
{
    return xasprintf("%s/v1/messages", llm->base_url);
}

json_t *messages_request(const struct llm *llm, const struct llm_request *request)
{
    const struct messages_service *service = service_of(llm);
    struct messages_form form = {.model = service->model_in_address ? NULL : llm->model,
                                 .version = service->model_in_address ? VERSION : NULL,
                                 .top_level_cache = service->is_first_party,
                                 .image_transformations = service->is_first_party};
    provider_fit_messages(llm, &form);
    return messages_body(&form, request);
}

void messages_headers(const struct llm *llm, struct headers *headers)
{
    const struct messages_service *service = service_of(llm);
    bool is_old = service->is_first_party && provider_lacks(llm, PART_VERSION);
    if (!service->model_in_address)
        headers_set(headers, "anthropic-version", is_old ? OLDEST_VERSION : VERSION);
    if (service->is_first_party && llm->key && provider_lacks(llm, PART_BEARER))
        headers_set(headers, "x-api-key", llm->key);
    else
        provider_bearer(llm, headers);
}

void messages_limits(const struct llm *llm, struct llm_limits *ret_limits)
{
    const struct messages_service *service = service_of(llm);
    model_limits(llm->model, ret_limits);
    if (service->request_bytes)
        ret_limits->request_bytes = service->request_bytes;
    /* Other platforms do not document it. */
    ret_limits->strict_image_size =
        service->is_first_party && !provider_lacks(llm, PART_TRANSFORMATIONS);
}

const char *messages_missing(const struct llm *llm)
{
    bool has_key = headers_get(&llm->custom, "authorization") ||
                   (service_of(llm)->is_first_party && headers_get(&llm->custom, "x-api-key"));
    return has_key ? NULL : service_of(llm)->no_key;
}
