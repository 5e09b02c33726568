#include "llm/blocks.h"

#include <string.h>

#include "base/limits.h"

void blocks_init(struct blocks *blocks, const struct llm_events *events)
{
    *blocks = (struct blocks){.events = events};
}

void blocks_release(struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++) {
        json_decref(blocks->items[i].json);
        strbuf_release(&blocks->items[i].text);
    }
    free(blocks->items);
    blocks_init(blocks, blocks->events);
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
    /* server_tool_use streams its input the same way, and is run by the server. */
    if (strcmp(type, "tool_use") == 0 || strcmp(type, "server_tool_use") == 0)
        return BLOCK_TOOL;
    return BLOCK_OTHER;
}

int blocks_begin(struct blocks *blocks, int64_t index, json_t *json, struct error *err)
{
    if (blocks->count >= LIMIT_LLM_BLOCKS) {
        json_decref(json);
        return error_set(err, ERR_LIMIT, "the reply has more than %d parts", LIMIT_LLM_BLOCKS);
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

struct block *blocks_find(const struct blocks *blocks, int64_t index, enum block_kind kind)
{
    for (size_t i = blocks->count; i-- > 0;)
        if (blocks->items[i].index == index)
            return blocks->items[i].kind == kind ? &blocks->items[i] : NULL;
    return NULL;
}

int blocks_add(struct blocks *blocks, struct block *block, const char *text, size_t size,
               struct error *err)
{
    if (size == 0)
        return 0;
    if (block->kind == BLOCK_TEXT && blocks->events && blocks->events->text)
        blocks->events->text(blocks->events->context, text, size);
    return strbuf_add(&block->text, text, size, err);
}

static json_t *input_of(const struct block *block)
{
    const char *text = block->text.data ? block->text.data : "";
    json_t *input =
        json_loadb(text, block->text.length, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    if (json_is_object(input))
        return input;
    json_decref(input);
    return json_pack("{s:s%}", "invalid_json", text, block->text.length);
}

json_t *blocks_finish(struct blocks *blocks)
{
    json_t *content = json_array();
    for (size_t i = 0; i < blocks->count; i++) {
        struct block *block = &blocks->items[i];
        const char *text = block->text.data ? block->text.data : "";
        if (block->kind == BLOCK_TEXT)
            json_object_set_new(block->json, "text", json_stringn(text, block->text.length));
        else if (block->kind == BLOCK_THINKING)
            json_object_set_new(block->json, "thinking", json_stringn(text, block->text.length));
        else if (block->kind == BLOCK_TOOL && block->text.length)
            json_object_set_new(block->json, "input", input_of(block));
        json_array_append(content, block->json);
    }
    return content;
}
