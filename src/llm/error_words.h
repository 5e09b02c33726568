/* SPDX-License-Identifier: MIT */
/* Parses the body of an error from any server: its message for a person, and its cause. Private to
 * error_reply.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"
#include "llm/refused.h"

/* Causes with a type of their own, or recognized by their words if a server has no types. */
enum cause {
    CAUSE_OTHER,
    CAUSE_MONTHLY_LIMIT,
    CAUSE_CONTRACT_LIMIT,
    CAUSE_QUOTA,
    CAUSE_BILLING,
    CAUSE_HOLD,
    CAUSE_BODY_SIZE,
    CAUSE_TOO_LONG,
    CAUSE_LOADING,
    CAUSE_MANY_PICTURES,
    CAUSE_NO_PICTURES,
};

/* A parsed error body; every string is safe to print. */
struct said {
    enum cause cause;
    char type[64], code[64];
    char message[LIMIT_LLM_QUOTED_BYTES + 4];
    char appeal_url[256];
    long status; /* as given in the body itself; 0: none */
    int max_side_px, max_images;
    enum llm_part refused;
};

/* `status` is the HTTP status; 0: an event after HTTP 200. `is_page`: the body is HTML, whatever
 * it begins with. `secret` is masked; NULL: none. */
void error_words_read(const char *body, size_t size, long status, bool is_page, const char *secret,
                      struct said *ret_said);
