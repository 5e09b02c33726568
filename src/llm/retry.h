/* SPDX-License-Identifier: MIT */
/* When a request is sent again, and after how long: the policy of Anthropic's SDK (client.ts,
 * shouldRetry and retryRequest). Two departures: where asking again is pointless (a spend
 * limit), it is not done whatever the headers say; and a wait longer than RETRY_LONGEST_S is not
 * waited for. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "net/http_client.h"

enum { RETRY_TIMES = 2 };
#define RETRY_LONGEST_S 600.0

/* For a reply that is not 2xx, or none (status 0). */
bool retry_is_useful(const struct http_reply *reply, bool pointless);

/* Seconds that the reply asks to wait; 0: it does not ask, or nonsense. `now`: seconds since 1970.
 */
double retry_asked_s(const struct http_reply *reply, double now);

/* Seconds before retry number `retry` (from 0): what is asked, else 0.5 s doubling to 8 s, less up
 * to a quarter: `random` is from 0 to 1. */
double retry_wait_s(const struct http_reply *reply, int retry, double now, double random);
