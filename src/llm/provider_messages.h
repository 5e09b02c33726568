/* SPDX-License-Identifier: MIT */
/* Shared by the providers of Anthropic's Messages API: body, headers, limits, and the message for
 * a missing key. Each provider has a const struct messages_service, and the functions below in its
 * table. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "llm/provider.h"

struct messages_service {
    /* Anthropic's own service, or a gateway to it: supports new features of the API. */
    bool is_first_party;
    /* The model is in the URL; the version is then in the body, not in a header. */
    bool model_in_address;
    size_t request_bytes; /* the service's maximum; 0: the model's maximum */
    const char *no_key;   /* the instructions for a missing key */
};

json_t *messages_request(const struct llm *llm, const struct llm_request *request);
void messages_headers(const struct llm *llm, struct headers *headers);
void messages_limits(const struct llm *llm, struct llm_limits *ret_limits);
const char *messages_missing(const struct llm *llm);
/* "BASE/v1/messages". */
char *messages_url(const struct llm *llm);
