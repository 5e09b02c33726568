/* SPDX-License-Identifier: MIT */
/* Properties of models, by name. */
#pragma once

#include "llm/llm.h"

/* The name that the price and limit tables use: without a platform's prefix ("us.anthropic.") and
 * a version at its end ("@20251001", "-20251001", "-v1:0"). */
void model_plain_name(const char *model, char *ret_name, size_t size);

/* Limits of a Claude model at the first-party API; for an unknown model, the limits common to all.
 */
void model_limits(const char *model, struct llm_limits *ret_limits);
