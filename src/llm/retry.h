/* SPDX-License-Identifier: MIT */
/* Decides when a request is sent again, and after what delay: the policy of Anthropic's SDK
 * (client.ts, shouldRetry and retryRequest). There are two differences: a pointless retry (after a
 * spending limit) is never made, whatever the headers say; and if the delay exceeds
 * RETRY_LONGEST_S, there is no retry. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "net/http_client.h"

enum { RETRY_TIMES = 2 };
#define RETRY_LONGEST_S 600.0

/* For a reply that is not 2xx, or for no reply (status 0). */
bool retry_is_useful(const struct http_reply *reply, bool pointless);

/* Delay in seconds requested by the reply; 0: none, or an invalid one. `now`: seconds since 1970.
 */
double retry_asked_s(const struct http_reply *reply, double now);

/* Delay in seconds before retry number `retry` (from 0): the requested one, else 0.5 s doubling up
 * to 8 s, reduced by up to a quarter according to `random`, which is from 0 to 1. */
double retry_wait_s(const struct http_reply *reply, int retry, double now, double random);
