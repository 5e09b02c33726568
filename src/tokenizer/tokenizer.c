/* SPDX-License-Identifier: MIT */
/* Encodes text as CLIP's token ids. */
#include "tokenizer/tokenizer.h"

#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "tokenizer/bpe.h"
#include "tokenizer/merges.h"
#include "tokenizer/normalize.h"
#include "tokenizer/split.h"
#include "tokenizer/tokenizer_internal.h"
#include "tokenizer/utf8.h"
#include "tokenizer/vocab.h"

static const char START_TOKEN[] = "<|startoftext|>", END_TOKEN[] = "<|endoftext|>";

/* The character that represents a byte in vocab.json: printable Latin-1 represents itself, the
 * other bytes are U+0100 and up, in order (OpenAI's GPT-2, bytes_to_unicode). */
static uint32_t byte_character(int byte)
{
    static const struct {
        int first, last;
    } printable[] = {{'!', '~'}, {0xA1, 0xAC}, {0xAE, 0xFF}};
    uint32_t skipped = 0;
    for (int b = 0; b <= byte; b++) {
        bool shown = false;
        for (int i = 0; i < 3; i++)
            shown |= b >= printable[i].first && b <= printable[i].last;
        if (b == byte && shown)
            return (uint32_t)byte;
        skipped += !shown;
    }
    return 0x100 + skipped - 1;
}

static int find_alphabet(const struct vocab *vocab, struct alphabet *ret_alphabet,
                         struct error *err)
{
    for (int byte = 0; byte < 256; byte++) {
        char token[16];
        size_t n = utf8_encode(byte_character(byte), token);
        memcpy(token + n, "</w>", 4);
        ret_alphabet->inside[byte] = vocab_find(vocab, token, n);
        ret_alphabet->last[byte] = vocab_find(vocab, token, n + 4);
        if (ret_alphabet->inside[byte] < 0 || ret_alphabet->last[byte] < 0)
            return error_set(err, ERR_CORRUPT,
                             "vocab.json lacks a token for the byte %d: it is not CLIP's", byte);
    }
    return 0;
}

static int find_special(const struct vocab *vocab, const char *token, int32_t *ret_id,
                        struct error *err)
{
    int32_t id = vocab_find(vocab, token, strlen(token));
    if (id < 0)
        return error_set(err, ERR_CORRUPT, "vocab.json lacks the token %s: it is not CLIP's",
                         token);
    *ret_id = id;
    return 0;
}

int tokenizer_parse(const void *vocab_data, size_t vocab_size, const void *merges, size_t size,
                    struct tokenizer **ret_tokenizer, struct error *err)
{
    struct vocab vocab;
    int rc = vocab_parse(vocab_data, vocab_size, &vocab, err);
    if (rc)
        return rc;
    AUTO(tokenizer) *t = xcalloc(1, sizeof *t);
    t->vocab_size = (size_t)vocab.largest_id + 1;
    rc = find_special(&vocab, START_TOKEN, &t->start_id, err);
    if (!rc)
        rc = find_special(&vocab, END_TOKEN, &t->end_id, err);
    if (!rc)
        rc = find_alphabet(&vocab, &t->alphabet, err);
    if (!rc)
        rc = merges_parse(merges, size, &vocab, &t->merges, err);
    vocab_release(&vocab);
    if (rc)
        return rc;
    *ret_tokenizer = t;
    t = NULL;
    return 0;
}

static int read_part(const char *folder, const char *name, struct file *ret_file, struct error *err)
{
    AUTO_FREE char *path = file_join(folder, name);
    int rc = file_read(path, LIMIT_VOCAB_BYTES, ret_file, err);
    if (rc == ERR_NOT_FOUND)
        return error_set(err, rc,
                         "incomplete model %s: %s is missing (CLIP's tokenizer is vocab.json "
                         "and merges.txt)",
                         folder, name);
    return rc;
}

int tokenizer_open(const char *folder, struct tokenizer **ret_tokenizer, struct error *err)
{
    struct file vocab, merges;
    int rc = read_part(folder, "vocab.json", &vocab, err);
    if (rc)
        return rc;
    rc = read_part(folder, "merges.txt", &merges, err);
    if (!rc) {
        rc = tokenizer_parse(vocab.data, vocab.size, merges.data, merges.size, ret_tokenizer, err);
        if (rc)
            error_add(err, "%s", folder);
        file_release(&merges);
    }
    file_release(&vocab);
    return rc;
}

void tokenizer_close(struct tokenizer *t)
{
    if (!t)
        return;
    merges_release(&t->merges);
    free(t);
}

size_t tokenizer_vocab_size(const struct tokenizer *t)
{
    return t->vocab_size;
}

int32_t tokenizer_end_id(const struct tokenizer *t)
{
    return t->end_id;
}

/* The state of encoding one text. */
struct encoding {
    const struct tokenizer *tokenizer;
    struct bpe bpe;
    int32_t *ids;
    size_t count, cap; /* one place is reserved for the end token */
    bool truncated;
};

static void add_id(struct encoding *e, int32_t id)
{
    if (e->count < e->cap)
        e->ids[e->count++] = id;
    else
        e->truncated = true;
}

static void add_words(struct encoding *e, const char *text, size_t length)
{
    const struct tokenizer *t = e->tokenizer;
    struct splitter splitter = {.text = text, .length = length};
    struct word word;
    while (!e->truncated && splitter_next(&splitter, &word)) {
        size_t n = bpe_encode(&e->bpe, &t->alphabet, &t->merges, word.text, word.length);
        for (size_t i = 0; i < n; i++)
            add_id(e, e->bpe.ids[i]);
    }
}

/* Calls add() on the stretches of text between occurrences of a special token, and adds its id
 * between them. */
static void add_around(struct encoding *e, const char *text, size_t length, const char *token,
                       int32_t id, void (*add)(struct encoding *e, const char *text, size_t length))
{
    size_t token_length = strlen(token);
    const char *found;
    while (!e->truncated && (found = memmem(text, length, token, token_length))) {
        add(e, text, (size_t)(found - text));
        add_id(e, id);
        length -= (size_t)(found - text) + token_length;
        text = found + token_length;
    }
    if (!e->truncated)
        add(e, text, length);
}

/* The start token is searched in normalized text, the end token before normalization, as the
 * tokenizer.json of CLIP's models specifies ("normalized": true and false). */
static void add_raw(struct encoding *e, const char *text, size_t length)
{
    size_t normal_length;
    AUTO_FREE char *normal = normalize_text(text, length, &normal_length);
    add_around(e, normal, normal_length, START_TOKEN, e->tokenizer->start_id, add_words);
}

int tokenizer_encode(const struct tokenizer *t, const char *text, size_t context, int32_t *ret_ids,
                     size_t *ret_count, bool *ret_truncated, struct error *err)
{
    size_t length = strlen(text);
    if (context < 2)
        BUG("a context of %zu tokens", context);
    if (length > LIMIT_QUERY_BYTES)
        return error_set(err, ERR_LIMIT, "the text is longer than %zu bytes: shorten it",
                         LIMIT_QUERY_BYTES);
    if (!text_is_utf8(text, length))
        return error_set(err, ERR_INVALID, "the text is not UTF-8");
    struct encoding e = {.tokenizer = t, .ids = ret_ids, .cap = context - 1};
    add_id(&e, t->start_id);
    add_around(&e, text, length, END_TOKEN, t->end_id, add_raw);
    ret_ids[e.count++] = t->end_id;
    *ret_count = e.count;
    *ret_truncated = e.truncated;
    bpe_release(&e.bpe);
    return 0;
}
