/* SPDX-License-Identifier: MIT */
/* What a server says in the body of an error, whoever made it: the words for a person, and what
 * they are about. Private to error_reply.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"
#include "llm/refused.h"

/* Causes that have a name of their own, or words of their own where a server has no names. */
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

/* An error body taken apart; every string is safe to print. */
struct said {
    enum cause cause;
    char type[64], code[64];
    char message[LIMIT_LLM_QUOTED_BYTES + 4];
    char appeal_url[256];
    long status; /* that the body itself tells; 0: none */
    int max_side_px, max_images;
    enum llm_part refused;
};

/* `status` of HTTP; 0: an event after HTTP 200. `is_page`: of HTML, whatever it begins with.
 * `secret` is covered; NULL: none. */
void error_words_read(const char *body, size_t size, long status, bool is_page, const char *secret,
                      struct said *ret_said);
