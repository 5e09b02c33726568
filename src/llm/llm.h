/* SPDX-License-Identifier: MIT */
/* Language models: sends a conversation and streams the reply. Requests are sent through
 * net/http_client.h, which otherwise serves only downloads of models.
 *
 *     AUTO(llm) *llm = NULL;
 *     if (llm_open(&options, &llm, err)) ...
 *     if (llm_check_key(llm, err)) ...                     before the first llm_send
 *     struct llm_request request = {.messages = messages, .max_tokens = 4096};
 *     if (llm_send(llm, &request, &events, &reply, err)) ...
 *
 * Providers (llm/provider.h): anthropic, bedrock (mantle endpoint), vertex (streamRawPredict) and
 * openai (chat completions: llama.cpp's llama-server, Ollama). Conversations have the form of the
 * Anthropic Messages API with every provider; the openai provider translates.
 *
 * Keys come from the environment or from a file of mode 0600. They never appear in an error, a
 * body, an event or a log. A struct llm belongs to one thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"

struct llm;

/* Every field may be NULL or zero: then the environment determines it, or else a default. */
struct llm_options {
    /* "anthropic", "bedrock", "vertex", "openai"; NULL: the first of these for which the
     * environment has a key or an address, else anthropic. */
    const char *provider;
    /* NULL: the provider's default, "claude-sonnet-5-5"; openai: "default", which llama-server
     * accepts, while Ollama and others need a name. */
    const char *model;
    const char *base_url; /* NULL: ANTHROPIC_BASE_URL, OPENAI_BASE_URL ... or the provider's own */
    const char *key_file; /* holds the key, mode 0600 */
    const char *ca_file;  /* trusted certificates; NULL: as web_ca_file */
    double connect_s;     /* timeout for connecting to the server; 0: 10 */
    /* Timeout between two pieces of a reply; 0: 120, or 600 if the server is the owner's own
     * (llm_is_own), which may be slow. */
    double silence_s;
    /* Timeout for one attempt; 0: 600, as in the SDK, or 3600 for the owner's own server. */
    double total_s;
    /* Hosts other than this machine, separated by blanks or commas, to which unencrypted requests
     * are allowed; NULL: none. */
    const char *plain_http;
    /* Limit on the spending of a day, enforced by ask/daily_budget.h; 0: no limit. */
    double daily_budget_usd;
};

/* Opens without a key. ERR_INVALID: an unknown provider, or an invalid address; ERR_DENIED: a key
 * file that others can read; ERR_NOT_FOUND: no such key file. */
int llm_open(const struct llm_options *options, struct llm **ret_llm, struct error *err) MUST_CHECK;
void llm_close(struct llm *llm); /* NULL is allowed */
DEFINE_AUTO(llm, llm_close)

/* ERR_NOT_FOUND, with the ways to set it, if the provider needs a key or the name of a model and
 * has none. */
int llm_check_key(const struct llm *llm, struct error *err) MUST_CHECK;

const char *llm_provider(const struct llm *llm); /* "anthropic" */
const char *llm_model(const struct llm *llm);    /* "claude-sonnet-5-5" */
const char *llm_host(const struct llm *llm);     /* the recipient: "api.anthropic.com" */
/* Whether the model runs on this machine, so that nothing is sent elsewhere and nothing costs
 * money: the provider openai on a loopback address. A server there that speaks a paid service's
 * protocol is assumed to be a gateway to it. */
bool llm_is_local(const struct llm *llm);
/* The same, or on another machine or container of the owner's (llm_options.plain_http): it is slow
 * rather than busy, and costs nothing, but the requests leave this machine. */
bool llm_is_own(const struct llm *llm);

/* ---- limits of the model ---- */

struct llm_limits {
    int images;             /* maximum in one request */
    int image_edge_px;      /* longest side that the model does not scale down */
    int image_tokens;       /* maximum of one image, see llm_image_tokens */
    int many_images;        /* with more images than this, many_image_edge_px applies */
    int many_image_edge_px; /* maximum length of a side with many images */
    size_t image_bytes;     /* of one image file, before base64 */
    size_t request_bytes;   /* of the whole body */
    bool tools;             /* the model can be given tools */
    bool strict_image_size; /* takes transformations.oversized_image */
};
void llm_limits(const struct llm *llm, struct llm_limits *ret_limits);

/* ceil(w/28) * ceil(h/28), from Anthropic's vision page (field.md section 6). */
int64_t llm_image_tokens(int width, int height);

/* Estimated token count of a text: bytes / 3, rounded up (English usually has 4 bytes per token;
 * the newer tokenizers produce about 30 % more tokens). */
int64_t llm_text_tokens(size_t bytes);

/* ---- a conversation ---- */

struct llm_request {
    const char *system; /* or NULL */
    /* Array of {role, content: [blocks]}, as in the Messages API; borrowed. */
    const json_t *messages;
    const json_t *tools; /* array of {name, description, input_schema}; NULL: none */
    const char *effort;  /* "low", "medium", "high", "xhigh", "max"; NULL: the model's default */
    int64_t max_tokens;
    bool cache; /* mark the prefix for prompt caching, if the provider supports it */
};

/* Returns the exact bytes that llm_send would send. Keys are always in the same order, and there
 * is no time and no random number, so that a repeated prefix has the same bytes. The caller frees
 * it. */
int llm_body(const struct llm *llm, const struct llm_request *request, char **ret_body,
             size_t *ret_size, struct error *err) MUST_CHECK;

struct llm_usage {
    int64_t input_tokens; /* neither read from nor written to the cache */
    int64_t output_tokens;
    int64_t cache_read_tokens, cache_write_tokens;
};
void llm_usage_add(struct llm_usage *sum, const struct llm_usage *more);

enum llm_stop {
    LLM_STOP_END,    /* end_turn, stop_sequence */
    LLM_STOP_LENGTH, /* max_tokens: the answer is cut off */
    LLM_STOP_TOOLS,  /* tool_use: the caller answers with tool_result blocks */
    LLM_STOP_PAUSE,  /* pause_turn: send the reply back to continue */
    LLM_STOP_REFUSAL,
    LLM_STOP_CONTEXT, /* model_context_window_exceeded */
    LLM_STOP_CUT,     /* the stream ended prematurely; content holds the part that arrived */
    LLM_STOP_OTHER,   /* a reason unknown to this program: see stop_name */
};

struct llm_reply {
    /* Array of blocks as they arrived, including thinking and signatures: to be sent back
     * unchanged as the assistant's turn. */
    json_t *content;
    enum llm_stop stop;
    char stop_name[64];     /* the provider's own word */
    char model[128];        /* the model that answered */
    char request_id[128];   /* for support requests to the provider; or "" */
    struct llm_usage usage; /* of all attempts for which the provider sent counts */
    int attempts;           /* number of HTTP requests made */
};
void llm_reply_release(struct llm_reply *reply);

/* Every callback may be NULL. */
struct llm_events {
    void *context;
    /* A piece of the answer's text as it arrives; whole UTF-8 characters only. */
    void (*text)(void *context, const char *text, size_t size);
    /* All text of this reply so far was reasoning that was not marked as such: it is not part of
     * the answer. */
    void (*retract)(void *context);
    /* A tool_use block began: its name is known, its input is not. */
    void (*tool)(void *context, const char *name);
    /* Called before attempt number `attempt` (from 1) is sent, so that it can be recorded first. A
     * negative return value stops with that code. */
    int (*sending)(void *context, int attempt, size_t bytes, struct error *err);
    /* Another attempt follows in `wait_s` seconds; `sentence` gives the reason. */
    void (*retry)(void *context, const char *sentence, double wait_s);
    /* Called about ten times a second; returning false stops immediately (ERR_CANCELLED). */
    bool (*proceed)(void *context);
};

/* Sends the request and waits for the end of the reply. Retries as Anthropic's SDK does (408, 409,
 * 429, 5xx, lost connections; twice; x-should-retry, retry-after-ms, retry-after; llm/retry.h),
 * but only until a reply has begun with HTTP 2xx, so that nothing is billed twice unnoticed; an
 * error in place of all content does not count as a reply. Waits for a model that is being loaded.
 * Does not retry if the user's own server is silent. If a server refuses a part of the request
 * (llm/refused.h), the request is sent once more without it; if the part is tools, llm_limits
 * reports it afterwards.
 *
 * ERR_DENIED 401, 403; ERR_LIMIT 413, too many tokens, spending limits, 402; ERR_INVALID 400;
 * ERR_NOT_FOUND 404; ERR_NETWORK unreachable, silent, 429, 529, 5xx after the last attempt;
 * ERR_CORRUPT not this protocol; ERR_CANCELLED. On ERR_CANCELLED, and on ERR_NETWORK during the
 * reply, *ret_reply still holds the part that arrived (stop LLM_STOP_CUT); on every other failure
 * its content is NULL. usage has the provider's counts so far, since it may bill for them.
 * *ret_reply is always written, and the caller must release it. */
int llm_send(struct llm *llm, const struct llm_request *request, const struct llm_events *events,
             struct llm_reply *ret_reply, struct error *err) MUST_CHECK;

/* After ERR_INVALID because of an image's size: the longest side the server takes; 0: another
 * cause. */
int llm_oversized_image_px(const struct llm *llm);

/* After ERR_INVALID because of too many images: the number that the server takes, 1 or more; 0:
 * another cause, or the number is unknown. llm_limits returns the number from then on. */
int llm_fewer_images(const struct llm *llm);

/* To be called after an attempt failed (also in events.retry): whether the provider may still bill
 * it, because the whole request had been sent and no refusal arrived, or its reply had begun. */
bool llm_may_have_charged(const struct llm *llm);

/* ---- price ---- */

/* The provider's price of one request in US dollars (some prices depend on its length, so several
 * requests must be priced one by one and added); NAN if the model is not in the table; 0 for a
 * model on this machine. The source is the dated table models/prices.json (llm/prices.h). */
double llm_cost(const struct llm *llm, const struct llm_usage *usage);
/* As passed to llm_open; 0: none. */
double llm_daily_budget(const struct llm *llm);
/* "2026-11-20", the date of the price table; "" if the table is missing. */
const char *llm_price_date(const struct llm *llm);
