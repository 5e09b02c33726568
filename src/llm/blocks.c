/* SPDX-License-Identifier: MIT */
/* Builds a reply's content blocks from the pieces of a stream. */
#include "llm/blocks.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"

void blocks_init(struct blocks *blocks, const struct llm_events *events)
{
    *blocks = (struct blocks){.events = events};
    asides_init(&blocks->asides);
}

void blocks_release(struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++) {
        json_decref(blocks->items[i].json);
        strbuf_release(&blocks->items[i].text);
    }
    free(blocks->items);
    asides_release(&blocks->asides);
    *blocks = (struct blocks){.events = blocks->events};
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static enum block_kind kind_of(const json_t *json)
{
    const char *type = text_of(json, "type");
    if (strcmp(type, "text") == 0)
        return BLOCK_TEXT;
    if (strcmp(type, "thinking") == 0)
        return BLOCK_THINKING;
    /* server_tool_use streams its input the same way, and the server runs it. */
    if (strcmp(type, "tool_use") == 0 || strcmp(type, "server_tool_use") == 0)
        return BLOCK_TOOL;
    return BLOCK_OTHER;
}

struct block *blocks_find(const struct blocks *blocks, int64_t index, enum block_kind kind)
{
    for (size_t i = blocks->count; i-- > 0;)
        if (blocks->items[i].index == index)
            return blocks->items[i].kind == kind ? &blocks->items[i] : NULL;
    return NULL;
}

/* ---- text ---- */

/* Clears the text so far, because it was reasoning. */
static void retract_text(struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        if (blocks->items[i].kind == BLOCK_TEXT)
            strbuf_clear(&blocks->items[i].text);
    if (blocks->events && blocks->events->retract)
        blocks->events->retract(blocks->events->context);
}

static int take_answer(struct blocks *blocks, struct error *err)
{
    struct asides *a = &blocks->asides;
    struct block *block = &blocks->items[blocks->reading - 1];
    if (a->retracted)
        retract_text(blocks);
    a->retracted = false;
    if (a->answer.length == 0)
        return 0;
    if (blocks->events && blocks->events->text)
        blocks->events->text(blocks->events->context, a->answer.data, a->answer.length);
    int rc = strbuf_add(&block->text, a->answer.data, a->answer.length, err);
    strbuf_clear(&a->answer);
    return rc;
}

static int add_whole(struct blocks *blocks, struct block *block, const char *text, size_t size,
                     struct error *err)
{
    if (size == 0)
        return 0;
    if (block->kind != BLOCK_TEXT)
        return strbuf_add(&block->text, text, size, err);
    int rc = asides_feed(&blocks->asides, text, size, err);
    return rc ? rc : take_answer(blocks, err);
}

/* Ends a half of a surrogate pair whose other half never arrived. */
static int end_half(struct blocks *blocks, struct block *block, struct error *err)
{
    size_t size = json_join_halves(block->half, block->half_size, false);
    block->half_size = 0;
    return add_whole(blocks, block, block->half, size, err);
}

/* Ends the text that is being read. */
static int end_text(struct blocks *blocks, struct error *err)
{
    if (blocks->reading == 0)
        return 0;
    struct block *block = &blocks->items[blocks->reading - 1];
    int rc = end_half(blocks, block, err);
    if (!rc)
        rc = asides_end(&blocks->asides, err);
    if (!rc)
        rc = take_answer(blocks, err);
    block->wants_text = block->wants_text || block->text.length == 0;
    blocks->asides.began = blocks->asides.skips = false;
    blocks->reading = 0;
    return rc;
}

int blocks_add(struct blocks *blocks, struct block *block, const char *text, size_t size,
               struct error *err)
{
    size_t at = (size_t)(block - blocks->items);
    if (size == 0)
        return 0;
    int rc = 0;
    if (block->kind == BLOCK_TEXT && blocks->reading != at + 1) {
        rc = end_text(blocks, err);
        blocks->reading = at + 1;
    }
    AUTO_FREE char *all = xmalloc(block->half_size + size);
    memcpy(all, block->half, block->half_size);
    memcpy(all + block->half_size, text, size);
    size = json_join_halves(all, block->half_size + size, true);
    block->half_size = json_half_at_end(all, size);
    memcpy(block->half, all + size - block->half_size, block->half_size);
    return rc ? rc : add_whole(blocks, block, all, size - block->half_size, err);
}

int blocks_begin(struct blocks *blocks, int64_t index, json_t *json, struct error *err)
{
    if (blocks->count >= LIMIT_LLM_BLOCKS) {
        json_decref(json);
        return error_set(err, ERR_LIMIT, "the reply has more than %d parts", LIMIT_LLM_BLOCKS);
    }
    int rc = end_text(blocks, err);
    if (rc) {
        json_decref(json);
        return rc;
    }
    ARRAY_GROW(blocks->items, blocks->cap, blocks->count + 1);
    struct block *block = &blocks->items[blocks->count++];
    *block = (struct block){.kind = kind_of(json),
                            .index = index,
                            .json = json,
                            .text = STRBUF_INIT(LIMIT_LLM_REPLY_BYTES)};
    if (block->kind == BLOCK_TOOL && strcmp(text_of(json, "type"), "tool_use") == 0 &&
        blocks->events && blocks->events->tool)
        blocks->events->tool(blocks->events->context, text_of(json, "name"));
    if (block->kind != BLOCK_TEXT && block->kind != BLOCK_THINKING)
        return 0;
    const char *first = text_of(json, block->kind == BLOCK_TEXT ? "text" : "thinking");
    return blocks_add(blocks, block, first, strlen(first), err);
}

static json_t *input_of(const struct block *block)
{
    const char *text = block->text.data ? block->text.data : "";
    json_t *input = json_read_lenient(text, block->text.length, JSON_HALVES_REPLACED);
    if (json_is_string(input)) { /* JSON encoded again as a JSON string */
        json_t *inner = json_read_lenient(json_string_value(input), json_string_length(input),
                                          JSON_HALVES_REPLACED);
        json_decref(input);
        input = inner;
    }
    if (json_is_object(input))
        return input;
    bool is_nothing = json_is_null(input) || text[strspn(text, " \t\r\n")] == '\0';
    json_decref(input);
    return is_nothing ? json_object()
                      : json_pack("{s:s%}", "invalid_json", text, block->text.length);
}

static void finish_block(struct block *block, json_t *content)
{
    const char *text = block->text.data ? block->text.data : "";
    if (block->kind == BLOCK_TEXT && block->wants_text && block->text.length == 0)
        return;
    if (block->kind == BLOCK_TEXT)
        json_object_set_new(block->json, "text", json_stringn(text, block->text.length));
    else if (block->kind == BLOCK_THINKING)
        json_object_set_new(block->json, "thinking", json_stringn(text, block->text.length));
    else if (block->kind == BLOCK_TOOL && block->text.length)
        json_object_set_new(block->json, "input", input_of(block));
    if (block->kind == BLOCK_TOOL && !text_of(block->json, "id")[0]) {
        char made[32];
        snprintf(made, sizeof made, "call_%zu", json_array_size(content));
        json_object_set_new(block->json, "id", json_string(made));
    }
    json_array_append(content, block->json);
}

/* Adds the calls that the model wrote in its text. */
static void add_written_calls(struct blocks *blocks, json_t *content)
{
    for (size_t i = 0; i < json_array_size(blocks->asides.calls); i++) {
        const json_t *call = json_array_get(blocks->asides.calls, i);
        char id[32];
        snprintf(id, sizeof id, "written_%zu", i);
        json_t *block =
            json_pack("{s:s, s:s, s:O, s:O}", "type", "tool_use", "id", id, "name",
                      json_object_get(call, "name"), "input", json_object_get(call, "input"));
        json_array_append_new(content, block);
        if (blocks->events && blocks->events->tool)
            blocks->events->tool(blocks->events->context, text_of(block, "name"));
    }
    json_array_clear(blocks->asides.calls);
}

json_t *blocks_finish(struct blocks *blocks)
{
    json_t *content = json_array();
    struct error ignored; /* the reply exceeded its limit, which was already reported */
    if (end_text(blocks, &ignored))
        strbuf_clear(&blocks->asides.answer);
    for (size_t i = 0; i < blocks->count; i++)
        if (end_half(blocks, &blocks->items[i], &ignored))
            break;
    for (size_t i = 0; i < blocks->count; i++)
        finish_block(&blocks->items[i], content);
    add_written_calls(blocks, content);
    return content;
}
