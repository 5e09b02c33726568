/* SPDX-License-Identifier: MIT */
/* What the providers of Anthropic's Messages API share: body, headers, limits, and the sentence for
 * a missing key. Each has a const struct messages_service, and in its table the functions below. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "llm/provider.h"

struct messages_service {
    bool is_first_party;   /* Anthropic's own, or a gateway to it: takes what is new in the API */
    bool model_in_address; /* then the version is in the body, not in a header */
    size_t request_bytes;  /* that it takes, at most; 0: what the model takes */
    const char *no_key;    /* what to do when there is no key */
};

json_t *messages_request(const struct llm *llm, const struct llm_request *request);
void messages_headers(const struct llm *llm, struct headers *headers);
void messages_limits(const struct llm *llm, struct llm_limits *ret_limits);
const char *messages_missing(const struct llm *llm);
/* "BASE/v1/messages". */
char *messages_url(const struct llm *llm);
