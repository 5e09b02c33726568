/* SPDX-License-Identifier: MIT */
/* Parses merges.txt into a hash table of pairs and their ranks. */
#include "tokenizer/merges.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

/* The longest token of a merge, in bytes; CLIP's longest is under 100. */
enum { MAX_TOKEN_BYTES = 1024 };

enum { RANK_BITS = 24, ID_BITS = 20 };
_Static_assert(LIMIT_VOCAB_TOKENS <= 1 << ID_BITS, "two ids and a rank share 64 bits");

static uint64_t pair_key(int32_t left, int32_t right)
{
    return ((uint64_t)left << ID_BITS | (uint64_t)right) << RANK_BITS;
}

/* The pair's slot, or the empty one where it belongs. */
static uint64_t *find_slot(const struct merges *m, uint64_t key)
{
    size_t mask = m->slot_count - 1;
    for (size_t i = (key * 0x9E3779B97F4A7C15u) >> 40 & mask;; i = (i + 1) & mask) {
        uint64_t *slot = &m->slots[i];
        if (*slot == 0 || *slot >> RANK_BITS == key >> RANK_BITS)
            return slot;
    }
}

bool merges_find(const struct merges *m, int32_t left, int32_t right, struct merge *ret_merge)
{
    uint64_t slot = *find_slot(m, pair_key(left, right));
    if (slot == 0)
        return false;
    int32_t rank = (int32_t)(slot & ((1u << RANK_BITS) - 1)) - 1;
    *ret_merge = (struct merge){rank, m->results[rank]};
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
    uint64_t key = pair_key(left_id, right_id), *slot = find_slot(m, key);
    if (*slot)
        return error_set(err, ERR_CORRUPT, "merges.txt, line %zu: the same merge came before",
                         line);
    m->results[m->count++] = result;
    *slot = key | m->count;
    return 0;
}

static int make_table(struct merges *m, const char *data, size_t size, struct error *err)
{
    size_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    if (lines > LIMIT_VOCAB_TOKENS)
        return error_set(err, ERR_LIMIT, "merges.txt has more than %d lines", LIMIT_VOCAB_TOKENS);
    m->slot_count = 16;
    while (m->slot_count < 2 * lines)
        m->slot_count *= 2;
    m->slots = xcalloc(m->slot_count, sizeof *m->slots);
    m->results = xmalloc(lines * sizeof *m->results);
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
    free(m->slots);
    free(m->results);
    *m = (struct merges){0};
}
