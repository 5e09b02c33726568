/* SPDX-License-Identifier: MIT */
/* A reply under construction: content blocks in the shape of the Messages API, grown piece by
 * piece, whichever protocol the pieces came by. */
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
    int64_t index;      /* the protocol's own number of the block */
    json_t *json;       /* as it began; its text or input is set by blocks_finish */
    struct strbuf text; /* of BLOCK_TEXT and _THINKING; the JSON of the input of BLOCK_TOOL */
    char half[JSON_HALF_BYTES]; /* of a surrogate pair, whose other half may come */
    size_t half_size;
    bool wants_text; /* an empty text is none: it was all an aside */
};

struct blocks {
    struct block *items;
    size_t count, cap;
    const struct llm_events *events; /* or NULL */
    struct asides asides;            /* of one text at a time */
    size_t reading;                  /* 1 + the number of that block; 0: none */
};

void blocks_init(struct blocks *blocks, const struct llm_events *events);
void blocks_release(struct blocks *blocks);

/* Begins a block with what the object `json` says; its kind is that of its "type". Takes the
 * reference. ERR_LIMIT past LIMIT_LLM_BLOCKS. */
int blocks_begin(struct blocks *blocks, int64_t index, json_t *json, struct error *err) MUST_CHECK;

/* The latest block with that number and kind; NULL: none. */
struct block *blocks_find(const struct blocks *blocks, int64_t index, enum block_kind kind);

/* Text may have halves of surrogate pairs (base/json_lenient.h). What is no answer (llm/asides.h)
 * is left out. ERR_LIMIT past LIMIT_LLM_REPLY_BYTES. */
int blocks_add(struct blocks *blocks, struct block *block, const char *text, size_t size,
               struct error *err) MUST_CHECK;

/* The array of all blocks, for llm_reply.content; calls that the model wrote as text come last.
 * Input that is not JSON (cut off, or a model's mistake) becomes {"invalid_json": "what came"}. */
json_t *blocks_finish(struct blocks *blocks);
