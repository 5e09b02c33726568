/* SPDX-License-Identifier: MIT */
/* Language models: a conversation goes out, a reply streams in. Requests leave
 * through net/http_client.h, which only downloads of models use besides.
 *
 *     AUTO(llm) *llm = NULL;
 *     if (llm_open(&options, &llm, err)) ...
 *     if (llm_check_key(llm, err)) ...                     before the first llm_send
 *     struct llm_request request = {.messages = messages, .max_tokens = 4096};
 *     if (llm_send(llm, &request, &events, &reply, err)) ...
 *
 * Providers (llm/provider.h): anthropic, bedrock (mantle endpoint), vertex (streamRawPredict) and
 * openai (chat completions: llama.cpp's llama-server, Ollama). Conversations are kept in the shape
 * of the Anthropic Messages API whatever the provider; the openai provider translates.
 *
 * Keys come from the environment or from a file of mode 0600. They are never part of an error, a
 * body, an event or a log. A struct llm belongs to one thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"

struct llm;

/* All may be NULL or zero: then the environment decides, else a default. */
struct llm_options {
    const char *provider; /* "anthropic", "bedrock", "vertex", "openai"; NULL: the first of these
                             that the environment has a key or an address for, else anthropic */
    const char *model;    /* NULL: the provider's default, "claude-sonnet-5-5"; openai: "default",
                             which llama-server takes, while Ollama and others need a name */
    const char *base_url; /* NULL: ANTHROPIC_BASE_URL, OPENAI_BASE_URL ... or the provider's own */
    const char *key_file; /* holds the key, mode 0600 */
    const char *ca_file;  /* certificates to trust; NULL: as web_ca_file */
    double connect_s;     /* limit for reaching the server; 0: 10 */
    double silence_s;     /* limit between two pieces of a reply; 0: 120, and 600 where the
                             server is the owner's own (llm_is_own), which may be slow */
    double total_s;       /* limit for one attempt; 0: 600, as the SDK has it, and 3600 there */
    const char *plain_http;  /* hosts, parted by blanks or commas, that may be asked unencrypted,
                                although they are not this machine; NULL: none */
    double daily_budget_usd; /* what may be spent in a day, kept by ask/daily_budget.h; 0: any
                                amount */
};

/* Needs no key. ERR_INVALID: an unknown provider, or an address that is not one; ERR_DENIED: a key
 * file that others can read; ERR_NOT_FOUND: no such key file. */
int llm_open(const struct llm_options *options, struct llm **ret_llm, struct error *err) MUST_CHECK;
void llm_close(struct llm *llm); /* NULL is fine */
DEFINE_AUTO(llm, llm_close)

/* ERR_NOT_FOUND, with the ways to set one, when the provider needs a key, or the name of a model,
 * and there is none. */
int llm_check_key(const struct llm *llm, struct error *err) MUST_CHECK;

const char *llm_provider(const struct llm *llm); /* "anthropic" */
const char *llm_model(const struct llm *llm);    /* "claude-sonnet-5-5" */
const char *llm_host(const struct llm *llm);     /* to whom: "api.anthropic.com" */
/* The model runs on this machine, so that nothing leaves and nothing costs: the provider openai on
 * a loopback address. What speaks a paid service's protocol there is taken for a gateway to it. */
bool llm_is_local(const struct llm *llm);
/* The same, or on another machine or container of the owner's (llm_options.plain_http): it is slow
 * rather than busy, and costs nothing, but what is sent leaves this machine. */
bool llm_is_own(const struct llm *llm);

/* ---- what the model takes ---- */

struct llm_limits {
    int images;             /* in one request */
    int image_edge_px;      /* longest side that is not scaled down */
    int image_tokens;       /* of one image, see image_tokens() */
    int many_images;        /* with more images than this ... */
    int many_image_edge_px; /* ... no side may be longer than this */
    size_t image_bytes;     /* of one image file, before base64 */
    size_t request_bytes;   /* of the whole body */
    bool tools;             /* the model can be given tools */
    bool strict_image_size; /* takes transformations.oversized_image */
};
void llm_limits(const struct llm *llm, struct llm_limits *ret_limits);

/* ceil(w/28) * ceil(h/28): Anthropic's vision page (field.md section 6). */
int64_t llm_image_tokens(int width, int height);

/* A guess of the tokens of text before it is sent: bytes / 3, rounded up (4 a token is usual for
 * English; the newer tokenizers make about 30 % more). */
int64_t llm_text_tokens(size_t bytes);

/* ---- a conversation ---- */

struct llm_request {
    const char *system;     /* or NULL */
    const json_t *messages; /* array of {role, content: [blocks]}, Messages API shape; borrowed */
    const json_t *tools;    /* array of {name, description, input_schema}; NULL: none */
    const char *effort;     /* "low", "medium", "high", "xhigh", "max"; NULL: the model's own */
    int64_t max_tokens;
    bool cache; /* mark the prefix for prompt caching, where the provider has it */
};

/* The body that llm_send would send, to the byte; keys always in the same order, no clock and no
 * random number in it, so that a repeated prefix is the same bytes. The caller frees. */
int llm_body(const struct llm *llm, const struct llm_request *request, char **ret_body,
             size_t *ret_size, struct error *err) MUST_CHECK;

struct llm_usage {
    int64_t input_tokens; /* not from nor into the cache */
    int64_t output_tokens;
    int64_t cache_read_tokens, cache_write_tokens;
};
void llm_usage_add(struct llm_usage *sum, const struct llm_usage *more);

enum llm_stop {
    LLM_STOP_END,    /* end_turn, stop_sequence */
    LLM_STOP_LENGTH, /* max_tokens: the answer is cut off */
    LLM_STOP_TOOLS,  /* tool_use: the caller answers with tool_result blocks */
    LLM_STOP_PAUSE,  /* pause_turn: send the reply back to go on */
    LLM_STOP_REFUSAL,
    LLM_STOP_CONTEXT, /* model_context_window_exceeded */
    LLM_STOP_CUT,     /* the stream ended before its end; content is what arrived */
    LLM_STOP_OTHER,   /* a reason this program does not know: see stop_name */
};

struct llm_reply {
    json_t *content; /* array of blocks as they came, thinking and signatures included: to be
                        sent back unchanged as the assistant's turn */
    enum llm_stop stop;
    char stop_name[64];     /* the provider's own word */
    char model[128];        /* that answered */
    char request_id[128];   /* for questions to the provider; or "" */
    struct llm_usage usage; /* of all attempts that the provider counted */
    int attempts;           /* HTTP requests made */
};
void llm_reply_release(struct llm_reply *reply);

/* All may be NULL. */
struct llm_events {
    void *context;
    /* A piece of the answer's text as it arrives; whole UTF-8 characters only. */
    void (*text)(void *context, const char *text, size_t size);
    /* All text of this reply so far was reasoning that was not marked as such: it is no part of the
     * answer. */
    void (*retract)(void *context);
    /* A tool_use block began: the name is known, its input not yet. */
    void (*tool)(void *context, const char *name);
    /* Attempt number `attempt` (from 1) is about to be sent: the place to write it down first. A
     * negative return stops with that code. */
    int (*sending)(void *context, int attempt, size_t bytes, struct error *err);
    /* Another attempt follows in `wait_s` seconds because of `sentence`. */
    void (*retry)(void *context, const char *sentence, double wait_s);
    /* Asked about ten times a second; false: stop at once (ERR_CANCELLED). */
    bool (*proceed)(void *context);
};

/* Sends and waits for the end of the reply. Retries as Anthropic's SDK does (408, 409, 429, 5xx,
 * lost connections; twice; x-should-retry, retry-after-ms, retry-after; llm/retry.h): only until a
 * reply has begun with HTTP 2xx, so that nothing is charged twice unseen; an error instead of any
 * content is none. A model that is being loaded is waited for. A server of one's own that is silent
 * is not asked again. A server that refuses a part of the request (llm/refused.h) is asked once
 * more without it; of tools, llm_limits tells so afterwards.
 *
 * ERR_DENIED 401, 403; ERR_LIMIT 413, too many tokens, spend limits, 402; ERR_INVALID 400;
 * ERR_NOT_FOUND 404; ERR_NETWORK unreachable, silent, 429, 529, 5xx after the last try;
 * ERR_CORRUPT not this protocol; ERR_CANCELLED. On ERR_CANCELLED and ERR_NETWORK in mid-reply,
 * *ret_reply still holds what arrived (stop LLM_STOP_CUT); on every other failure its content is
 * NULL. usage is what the provider had counted until then, since it may charge for that. *ret_reply
 * is always written, and releasing it is always right. */
int llm_send(struct llm *llm, const struct llm_request *request, const struct llm_events *events,
             struct llm_reply *ret_reply, struct error *err) MUST_CHECK;

/* After ERR_INVALID because of an image's size: the longest side the server takes; 0: not that. */
int llm_oversized_image_px(const struct llm *llm);

/* After ERR_INVALID because of too many images: how many the server takes, 1 or more; 0: not that,
 * or it does not say. llm_limits has it from then on. */
int llm_fewer_images(const struct llm *llm);

/* Asked when an attempt failed (also by events.retry): it may be charged all the same, because it
 * had left as a whole and no refusal came, or its reply had begun. */
bool llm_may_have_charged(const struct llm *llm);

/* ---- price ---- */

/* The provider's price of one request in US dollars (some prices depend on its length, so that the
 * sum of several requests is priced one by one); NAN when the table does not know the model; 0 for
 * a model on this machine. From the dated table models/prices.json (llm/prices.h). */
double llm_cost(const struct llm *llm, const struct llm_usage *usage);
/* As given to llm_open; 0: none. */
double llm_daily_budget(const struct llm *llm);
/* "2026-11-20": the day of the price table; "" when it is missing. */
const char *llm_price_date(const struct llm *llm);
