/* SPDX-License-Identifier: MIT */
/* What differs between providers: one const table each. To add one: a file provider_NAME.c with
 * its table, a line below, a line in llm.c's list, its models in model_facts.c and the price table.
 */
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

/* An open llm. `key` and `custom` are secrets. */
struct llm {
    const struct provider *provider;
    char *model;
    bool model_unset;       /* nobody chose the model, and the provider has no default */
    unsigned without;       /* bits 1 << enum llm_part: what its server does not take */
    int max_images;         /* that it takes in one request, by its own words; 0: not told */
    bool many_images;       /* what the last refusal was about */
    char *base_url;         /* without a slash at its end */
    char *key;              /* NULL: there is none */
    const char *key_name;   /* where it came from or would: "ANTHROPIC_API_KEY" */
    char *project, *region; /* vertex */
    struct headers custom;  /* ANTHROPIC_CUSTOM_HEADERS */
    struct http_address address;
    char *ca_file;
    double connect_s, silence_s, total_s;
    int oversized_px;      /* what the last refusal of an image said */
    bool may_have_charged; /* for the last attempt, although it failed */
    json_t *prices;        /* the table; NULL: missing */
    double daily_budget_usd;
};

struct provider {
    const char *name;
    const char *default_model; /* NULL: has none; see configure */
    /* The variables for a key or an address, up to a NULL: it is set up when one of them is set. */
    const char *const *set_up_by;
    /* Fills key, key_name, base_url, project, region and what is left NULL of model; options say
     * more than the environment. */
    int (*configure)(struct llm *llm, const struct llm_options *options, struct error *err);
    /* Asked when there is no key, or model_unset: what is missing and how to get it; NULL: nothing.
     */
    const char *(*missing)(const struct llm *llm);
    const char *custom_headers;          /* the variable that holds the user's own headers */
    char *(*url)(const struct llm *llm); /* the caller frees */
    json_t *(*body)(const struct llm *llm, const struct llm_request *request); /* a new reference */
    /* The provider's own; the user's custom headers come after and win. */
    void (*headers)(const struct llm *llm, struct headers *headers);
    const struct stream_protocol *protocol;
    void (*limits)(const struct llm *llm, struct llm_limits *ret_limits);
    const struct messages_service *messages; /* provider_messages.h; NULL: another API */
};

extern const struct provider provider_anthropic, provider_bedrock, provider_vertex, provider_openai;

/* ---- shared by the providers ---- */

/* The first address that is there: the option's, the variable's, `otherwise` (taken over, may be
 * NULL). Slashes at its end are cut, and what of `path` ("/v1/messages"), which is added to it for
 * each request, somebody gave with it. */
char *provider_address(const char *option, const char *variable, char *otherwise, const char *path);

bool provider_lacks(const struct llm *llm, enum llm_part part);
/* What its server does not take of the Messages API. */
void provider_fit_messages(const struct llm *llm, struct messages_form *form);

/* The key of the file in options, else of the first of the variables (up to a NULL) that is set. */
int provider_key(struct llm *llm, const struct llm_options *options, const char *const *variables,
                 struct error *err) MUST_CHECK;

/* Sets a header "authorization: Bearer KEY" when there is a key. */
void provider_bearer(const struct llm *llm, struct headers *headers);

bool provider_variable_is_set(const char *name);
