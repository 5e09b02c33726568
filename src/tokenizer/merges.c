/* SPDX-License-Identifier: MIT */
/* Parses merges.txt into a hash table of pairs and their ranks. */
#include "tokenizer/merges.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

/* Limit on the bytes of a token in a merge; CLIP's longest is under 100. */
enum { MAX_TOKEN_BYTES = 1024 };

static uint32_t hash_pair(int32_t left, int32_t right)
{
    return hash_table_mix((uint64_t)left << 32 | (uint32_t)right);
}

static bool has_pair(const void *items, size_t item, const void *key)
{
    const struct merge_rule *rule = (const struct merge_rule *)items + item, *pair = key;
    return rule->left == pair->left && rule->right == pair->right;
}

static uint32_t hash_rule(const void *items, size_t item)
{
    const struct merge_rule *rule = (const struct merge_rule *)items + item;
    return hash_pair(rule->left, rule->right);
}

bool merges_find(const struct merges *m, int32_t left, int32_t right, struct merge *ret_merge)
{
    struct merge_rule pair = {left, right, 0};
    size_t rank = hash_table_find(&m->table, hash_pair(left, right), has_pair, m->rules, &pair);
    if (rank == HASH_TABLE_NONE)
        return false;
    *ret_merge = (struct merge){(int32_t)rank, m->rules[rank].result};
    return true;
}

static int refuse_unknown(struct error *err, size_t line, const char *what, const char *token,
                          size_t length)
{
    AUTO_FREE char *shown = text_printable(token, length < 80 ? length : 80);
    return error_set(err, ERR_CORRUPT, "merges.txt, line %zu: %s \"%s\" is not in vocab.json", line,
                     what, shown);
}

static int add_line(struct merges *m, const struct vocab *vocab, const char *text, size_t length,
                    size_t line, struct error *err)
{
    const char *space = memchr(text, ' ', length);
    size_t left = space ? (size_t)(space - text) : 0, right = length - left - 1;
    if (left == 0 || right == 0 || memchr(space + 1, ' ', right) || length > MAX_TOKEN_BYTES)
        return error_set(err, ERR_CORRUPT,
                         "merges.txt, line %zu: two tokens with a space between were expected",
                         line);
    char joined[MAX_TOKEN_BYTES];
    memcpy(joined, text, left);
    memcpy(joined + left, space + 1, right);
    int32_t left_id = vocab_find(vocab, text, left);
    int32_t right_id = vocab_find(vocab, space + 1, right);
    int32_t result = vocab_find(vocab, joined, left + right);
    if (left_id < 0)
        return refuse_unknown(err, line, "the part", text, left);
    if (right_id < 0)
        return refuse_unknown(err, line, "the part", space + 1, right);
    if (result < 0)
        return refuse_unknown(err, line, "the result", joined, left + right);
    struct merge_rule rule = {left_id, right_id, result};
    uint32_t hash = hash_pair(left_id, right_id);
    if (hash_table_slot(&m->table, hash, has_pair, m->rules, &rule))
        return error_set(err, ERR_CORRUPT, "merges.txt, line %zu: the same merge came before",
                         line);
    hash_table_add(&m->table, hash, m->count);
    m->rules[m->count++] = rule;
    return 0;
}

static int make_table(struct merges *m, const char *data, size_t size, struct error *err)
{
    size_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    if (lines > LIMIT_VOCAB_TOKENS)
        return error_set(err, ERR_LIMIT, "merges.txt has more than %d lines", LIMIT_VOCAB_TOKENS);
    hash_table_reserve(&m->table, lines, hash_rule, NULL);
    m->rules = xmalloc(lines * sizeof *m->rules);
    return 0;
}

int merges_parse(const void *data, size_t size, const struct vocab *vocab,
                 struct merges *ret_merges, struct error *err)
{
    static const char version[] = "#version";
    const char *at = data, *end = at + size;
    struct merges m = {0};
    if (size > LIMIT_VOCAB_BYTES)
        return error_set(err, ERR_LIMIT, "merges.txt is larger than %zu bytes", LIMIT_VOCAB_BYTES);
    int rc = make_table(&m, data, size, err);
    for (size_t line = 1; !rc && at < end; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at);
        size_t kept = length > 0 && at[length - 1] == '\r' ? length - 1 : length;
        bool heading =
            line == 1 && kept >= strlen(version) && memcmp(at, version, strlen(version)) == 0;
        if (kept > 0 && !heading)
            rc = add_line(&m, vocab, at, kept, line, err);
        at += length + (stop ? 1 : 0);
    }
    if (rc) {
        merges_release(&m);
        return rc;
    }
    *ret_merges = m;
    return 0;
}

void merges_release(struct merges *m)
{
    if (!m->borrowed) {
        hash_table_release(&m->table);
        free(m->rules);
    }
    *m = (struct merges){0};
}
