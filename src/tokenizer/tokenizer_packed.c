/* SPDX-License-Identifier: MIT */
/* A tokenizer as bytes that need no parsing: a head, the rules, and the slots of their table. */
#include <string.h>

#include "base/limits.h"
#include "tokenizer/tokenizer_internal.h"

struct packed_head {
    uint32_t vocab_size, rules, slots;
    int32_t start_id, end_id;
    struct alphabet alphabet;
};

static size_t packed_size(const struct packed_head *head)
{
    return sizeof *head + (size_t)head->rules * sizeof(struct merge_rule) +
           (size_t)head->slots * sizeof(uint32_t);
}

static struct packed_head head_of(const struct tokenizer *t)
{
    return (struct packed_head){(uint32_t)t->vocab_size,
                                (uint32_t)t->merges.count,
                                (uint32_t)t->merges.table.cap,
                                t->start_id,
                                t->end_id,
                                t->alphabet};
}

size_t tokenizer_packed_bytes(const struct tokenizer *t)
{
    struct packed_head head = head_of(t);
    return packed_size(&head);
}

void tokenizer_pack(const struct tokenizer *t, void *ret_bytes)
{
    struct packed_head head = head_of(t);
    char *at = ret_bytes;
    size_t rules = head.rules * sizeof(struct merge_rule);
    memcpy(at, &head, sizeof head);
    memcpy(at + sizeof head, t->merges.rules, rules);
    memcpy(at + sizeof head + rules, t->merges.table.slots, head.slots * sizeof(uint32_t));
}

static bool is_token(const struct packed_head *head, int32_t id)
{
    return id >= 0 && (uint32_t)id < head->vocab_size;
}

static bool is_sound_head(const struct packed_head *head)
{
    bool sound = head->vocab_size > 0 && head->vocab_size <= LIMIT_VOCAB_TOKENS &&
                 head->rules <= LIMIT_VOCAB_TOKENS && head->slots <= 4 * LIMIT_VOCAB_TOKENS &&
                 head->slots > head->rules && (head->slots & (head->slots - 1)) == 0 &&
                 is_token(head, head->start_id) && is_token(head, head->end_id);
    for (int byte = 0; sound && byte < 256; byte++)
        sound = is_token(head, head->alphabet.inside[byte]) &&
                is_token(head, head->alphabet.last[byte]);
    return sound;
}

/* Every result is a token; every slot is free or names a rule, and one is free, so that each search
 * ends. */
static bool are_sound_tables(const struct packed_head *head, const struct merge_rule *rules,
                             const uint32_t *slots)
{
    size_t bad = 0, taken = 0;
    for (size_t i = 0; i < head->rules; i++)
        bad += !is_token(head, rules[i].result);
    for (size_t i = 0; i < head->slots; i++) {
        bad += slots[i] > head->rules;
        taken += slots[i] != 0;
    }
    return bad == 0 && taken < head->slots;
}

int tokenizer_open_packed(const void *bytes, size_t size, struct tokenizer **ret_tokenizer,
                          struct error *err)
{
    struct packed_head head;
    if (size >= sizeof head)
        memcpy(&head, bytes, sizeof head);
    if (size < sizeof head || !is_sound_head(&head) || size != packed_size(&head))
        return error_set(err, ERR_CORRUPT, "the packed tokenizer is damaged");
    const struct merge_rule *rules = (const void *)((const char *)bytes + sizeof head);
    const uint32_t *slots = (const void *)(rules + head.rules);
    if (!are_sound_tables(&head, rules, slots))
        return error_set(err, ERR_CORRUPT, "the packed tokenizer is damaged");
    struct tokenizer *t = xcalloc(1, sizeof *t);
    t->merges = (struct merges){.rules = (struct merge_rule *)rules,
                                .count = head.rules,
                                .table = {(uint32_t *)slots, head.rules, head.slots},
                                .borrowed = true};
    t->alphabet = head.alphabet;
    t->start_id = head.start_id;
    t->end_id = head.end_id;
    t->vocab_size = head.vocab_size;
    *ret_tokenizer = t;
    return 0;
}
