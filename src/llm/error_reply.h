/* SPDX-License-Identifier: MIT */
/* What a server answers instead of a reply becomes one sentence for a person, with the server's own
 * words (llm/error_words.h): printable, bounded, and without the key. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "llm/refused.h"

struct error_reply {
    long status; /* of HTTP; 0: an error event after HTTP 200 */
    const char *body;
    size_t size;
    const char *content_type; /* or "" */
    const char *host, *model;
    const char *url;        /* that was asked */
    const char *key_name;   /* "ANTHROPIC_API_KEY": where another key would go */
    const char *key;        /* what must not be repeated; NULL: none */
    const char *request_id; /* or "" */
    double wait_s;          /* that the server asks for; 0: it does not say */
    bool local;             /* the server is on this machine */
};

struct error_facts {
    bool pointless;        /* asking again cannot help: a spend limit, a model without eyes */
    bool loading;          /* the model is being loaded: it will answer */
    enum llm_part refused; /* it can be asked without that; PART_NONE */
    bool many_images;      /* more than max_images, which is 0 where it does not say */
    int max_images;
    int max_side_px;  /* of image_dimensions_too_large; else 0 */
    long status;      /* of HTTP, or what an event stands for */
    char cause[1024]; /* the sentence without advice: for who tries again by himself */
};

/* Returns the code it sets, as of llm_send. */
int error_reply_read(const struct error_reply *reply, struct error_facts *ret_facts,
                     struct error *err);
