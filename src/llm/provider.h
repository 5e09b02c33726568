/* SPDX-License-Identifier: MIT */
/* The differences between providers: one const table each. To add one, write a file
 * provider_NAME.c with its table, and add a line below, a line in llm.c's list, and its models in
 * model_facts.c and the price table. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "llm/header_list.h"
#include "llm/llm.h"
#include "llm/refused.h"
#include "llm/stream.h"
#include "net/http_address.h"

struct provider;
struct messages_form;
struct messages_service;

/* An open llm. `key` and `custom` are secret. */
struct llm {
    const struct provider *provider;
    char *model;
    bool model_unset; /* the user chose no model, and the provider has no default */
    unsigned without; /* bits 1 << enum llm_part: the parts that its server does not accept */
    int max_images; /* its server's maximum in one request, as the server reported it; 0: unknown */
    bool many_images; /* the last refusal was about too many images */
    char *base_url;   /* without a trailing slash */
    char *key;        /* NULL: none */
    /* The variable that it came from or would come from: "ANTHROPIC_API_KEY". */
    const char *key_name;
    char *project, *region; /* vertex */
    struct headers custom;  /* ANTHROPIC_CUSTOM_HEADERS */
    struct http_address address;
    char *ca_file;
    double connect_s, silence_s, total_s;
    int oversized_px;      /* the longest side given in the last refusal of an image */
    bool may_have_charged; /* the provider may bill the last attempt, although it failed */
    json_t *prices;        /* the table; NULL: missing */
    double daily_budget_usd;
};

struct provider {
    const char *name;
    const char *default_model; /* NULL: none; see configure */
    /* The variables for a key or an address, ending with a NULL; the provider is configured if one
     * of them is set. */
    const char *const *set_up_by;
    /* Sets key, key_name, base_url, project, region, and model if it is still NULL; options take
     * precedence over the environment. */
    int (*configure)(struct llm *llm, const struct llm_options *options, struct error *err);
    /* Returns a message saying what is missing (the key or the model) and how to get it, or NULL.
     */
    const char *(*missing)(const struct llm *llm);
    const char *custom_headers;          /* the variable that holds the user's own headers */
    char *(*url)(const struct llm *llm); /* the caller frees it */
    json_t *(*body)(const struct llm *llm, const struct llm_request *request); /* a new reference */
    /* Sets the provider's own headers; the user's custom headers are set later and override them.
     */
    void (*headers)(const struct llm *llm, struct headers *headers);
    const struct stream_protocol *protocol;
    void (*limits)(const struct llm *llm, struct llm_limits *ret_limits);
    const struct messages_service *messages; /* provider_messages.h; NULL: another API */
};

extern const struct provider provider_anthropic, provider_bedrock, provider_vertex, provider_openai;

/* ---- shared by the providers ---- */

/* Returns the first address available: the option's, the variable's, or `otherwise` (takes
 * ownership; may be NULL). Removes trailing slashes, and any part of `path` ("/v1/messages") that
 * the user included, because each request appends the path. */
char *provider_address(const char *option, const char *variable, char *otherwise, const char *path);

bool provider_lacks(const struct llm *llm, enum llm_part part);
/* Leaves out of the form the features of the Messages API that its server does not accept. */
void provider_fit_messages(const struct llm *llm, struct messages_form *form);

/* Takes the key of the file in options, else of the first variable that is set (the list ends with
 * a NULL). */
int provider_key(struct llm *llm, const struct llm_options *options, const char *const *variables,
                 struct error *err) MUST_CHECK;

/* Sets the header "authorization: Bearer KEY" if there is a key. */
void provider_bearer(const struct llm *llm, struct headers *headers);

bool provider_variable_is_set(const char *name);
