/* SPDX-License-Identifier: MIT */
/* A reply under construction: content blocks in the form of the Messages API, which grow piece by
 * piece, whichever protocol delivers the pieces. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/json_lenient.h"
#include "base/strbuf.h"
#include "llm/asides.h"
#include "llm/llm.h"

enum block_kind { BLOCK_TEXT, BLOCK_TOOL, BLOCK_THINKING, BLOCK_OTHER };

struct block {
    enum block_kind kind;
    int64_t index; /* the protocol's own number for the block */
    json_t *json;  /* as it began; blocks_finish sets its text or input */
    /* The text of BLOCK_TEXT and _THINKING; for BLOCK_TOOL the JSON of its input. */
    struct strbuf text;
    char half[JSON_HALF_BYTES]; /* of a surrogate pair whose other half may follow */
    size_t half_size;
    bool wants_text; /* an empty text is left out: it was entirely an aside */
};

struct blocks {
    struct block *items;
    size_t count, cap;
    const struct llm_events *events; /* or NULL */
    struct asides asides;            /* of the text that is being read */
    size_t reading;                  /* 1 + the number of that block; 0: none */
};

void blocks_init(struct blocks *blocks, const struct llm_events *events);
void blocks_release(struct blocks *blocks);

/* Begins a block with the fields of the object `json`, whose "type" gives its kind. Takes the
 * reference. ERR_LIMIT past LIMIT_LLM_BLOCKS. */
int blocks_begin(struct blocks *blocks, int64_t index, json_t *json, struct error *err) MUST_CHECK;

/* The latest block with that number and kind; NULL if there is none. */
struct block *blocks_find(const struct blocks *blocks, int64_t index, enum block_kind kind);

/* Adds text, which may contain halves of surrogate pairs (base/json_lenient.h). Asides
 * (llm/asides.h) are left out. ERR_LIMIT past LIMIT_LLM_REPLY_BYTES. */
int blocks_add(struct blocks *blocks, struct block *block, const char *text, size_t size,
               struct error *err) MUST_CHECK;

/* Returns the array of all blocks, for llm_reply.content; calls that the model wrote as text come
 * last. Input that is not JSON (cut off, or a model's mistake) becomes {"invalid_json": "the
 * input"}. */
json_t *blocks_finish(struct blocks *blocks);
