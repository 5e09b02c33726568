/* SPDX-License-Identifier: MIT */
/* Turns a server's error response into one sentence for a person that includes the server's own
 * words (llm/error_words.h): printable, bounded, and without the key. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "llm/refused.h"

struct error_reply {
    long status; /* the HTTP status; 0: an error event after HTTP 200 */
    const char *body;
    size_t size;
    const char *content_type; /* or "" */
    const char *host, *model;
    const char *url;        /* of the request */
    const char *key_name;   /* "ANTHROPIC_API_KEY": the variable for another key */
    const char *key;        /* the key, which must not be repeated; NULL: none */
    const char *request_id; /* or "" */
    double wait_s;          /* requested by the server; 0: not specified */
    bool local;             /* the server is on this machine */
};

struct error_facts {
    bool pointless;        /* a retry cannot help: a spending limit, a model without vision */
    bool loading;          /* the model is being loaded, and will answer later */
    enum llm_part refused; /* the request can be repeated without this part; or PART_NONE */
    bool many_images; /* more pictures than max_images, which is 0 if the server gives no number */
    int max_images;
    int max_side_px;  /* from image_dimensions_too_large; else 0 */
    long status;      /* the HTTP status, or the one that an event stands for */
    char cause[1024]; /* the sentence without advice, for automatic retries */
};

/* Sets *err and returns its code, which is one of llm_send's. */
int error_reply_read(const struct error_reply *reply, struct error_facts *ret_facts,
                     struct error *err);
