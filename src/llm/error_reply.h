/* What a server answers instead of a reply becomes one sentence for a person.
 *
 * Reads Anthropic's {"error": {"type", "message", "details"}}, OpenAI's {"error": {"message"}},
 * Ollama's {"error": "text"}, Google's [{"error": {...}}], Amazon's {"message"}, and anything else
 * as nothing. What it repeats of the server's words is printable, bounded, and without the key. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct error_reply {
    long status; /* of HTTP; 0: an error event after HTTP 200 */
    const char *body;
    size_t size;
    const char *host, *model;
    const char *key_name;   /* "ANTHROPIC_API_KEY": where another key would go */
    const char *key;        /* what must not be repeated; NULL: none */
    const char *request_id; /* or "" */
    double wait_s;          /* that the server asks for; 0: it does not say */
    bool local;             /* the server is on this machine */
};

struct error_facts {
    bool pointless;  /* asking again cannot help: a spend limit, a model without eyes */
    bool no_tools;   /* the model cannot be given tools; it can be asked without them */
    int max_side_px; /* of image_dimensions_too_large; else 0 */
    char cause[512]; /* the sentence without advice: for who tries again by himself */
};

/* Returns the code it sets, as of llm_send. */
int error_reply_read(const struct error_reply *reply, struct error_facts *ret_facts,
                     struct error *err);
