/* SPDX-License-Identifier: MIT */
/* Parses vocab.json into a hash table of tokens and their ids. */
#include "tokenizer/vocab.h"

#include <stdbool.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "tokenizer/utf8.h"

struct reader {
    const char *at, *end, *begin;
    struct error *err;
};

static int refuse_broken(const struct reader *r, const char *problem)
{
    return error_set(r->err, ERR_CORRUPT, "vocab.json: %s (at byte %zu)", problem,
                     (size_t)(r->at - r->begin));
}

static void skip_space(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
        r->at++;
}

static bool take_char(struct reader *r, char c)
{
    skip_space(r);
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* Reads four hexadecimal digits; -1 if there are fewer. */
static int32_t read_hex4(struct reader *r)
{
    if (r->end - r->at < 4)
        return -1;
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char c = *r->at++;
        int digit = c >= '0' && c <= '9'                 ? c - '0'
                    : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                         : -1;
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* Reads the rest of an escape after "\u": a code point, from two escapes if the first is a high
 * surrogate. */
static int read_unicode_escape(struct reader *r, char *out, size_t *used)
{
    int32_t code = read_hex4(r);
    if (code >= 0xD800 && code <= 0xDBFF && r->end - r->at >= 6 && r->at[0] == '\\' &&
        r->at[1] == 'u') {
        r->at += 2;
        int32_t low = read_hex4(r);
        code =
            low >= 0xDC00 && low <= 0xDFFF ? 0x10000 + ((code - 0xD800) << 10) + low - 0xDC00 : -1;
    }
    if (code < 0 || (code >= 0xD800 && code <= 0xDFFF))
        return refuse_broken(r, "a \\u escape that names no character");
    *used += utf8_encode((uint32_t)code, out + *used);
    return 0;
}

static int read_escape(struct reader *r, char *out, size_t *used)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (r->at == r->end)
        return refuse_broken(r, "the file ends inside a token");
    char c = *r->at++;
    if (c == 'u')
        return read_unicode_escape(r, out, used);
    const char *known = c ? strchr(from, c) : NULL;
    if (!known)
        return refuse_broken(r, "an unknown escape in a token");
    out[(*used)++] = to[known - from];
    return 0;
}

/* Copies a string's bytes to out, which must be as long as the unread part of the file. */
static int read_string(struct reader *r, char *out, size_t *ret_length)
{
    size_t used = 0;
    if (!take_char(r, '"'))
        return refuse_broken(r, "a token in quotes was expected");
    for (;;) {
        if (r->at == r->end)
            return refuse_broken(r, "the file ends inside a token");
        char c = *r->at++;
        if (c == '"')
            break;
        if ((unsigned char)c < 0x20)
            return refuse_broken(r, "a control character in a token");
        if (c != '\\') {
            out[used++] = c;
            continue;
        }
        int rc = read_escape(r, out, &used);
        if (rc)
            return rc;
    }
    if (!text_is_utf8(out, used))
        return refuse_broken(r, "a token that is not UTF-8 text");
    *ret_length = used;
    return 0;
}

static int read_id(struct reader *r, int32_t *ret_id)
{
    skip_space(r);
    const char *start = r->at;
    int32_t id = 0;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && id < LIMIT_VOCAB_TOKENS)
        id = 10 * id + (*r->at++ - '0');
    bool zero_first = r->at - start > 1 && *start == '0';
    bool goes_on = r->at < r->end && strchr("0123456789.eE+-", *r->at) && *r->at;
    if (r->at == start || zero_first || goes_on || id >= LIMIT_VOCAB_TOKENS)
        return refuse_broken(r, "a token's id is not a whole number from 0 to 1048575");
    *ret_id = id;
    return 0;
}

struct span {
    const char *text;
    size_t length;
};

static bool has_text(const void *items, size_t item, const void *key)
{
    const struct vocab *v = items;
    const struct vocab_entry *e = &v->entries[item];
    const struct span *span = key;
    return e->length == span->length && memcmp(v->text + e->offset, span->text, e->length) == 0;
}

static uint32_t hash_entry(const void *items, size_t item)
{
    const struct vocab *v = items;
    return hash_table_hash(v->text + v->entries[item].offset, v->entries[item].length);
}

int32_t vocab_find(const struct vocab *v, const char *token, size_t length)
{
    struct span span = {token, length};
    size_t entry = hash_table_find(&v->table, hash_table_hash(token, length), has_text, v, &span);
    return entry == HASH_TABLE_NONE ? -1 : v->entries[entry].id;
}

/* Fills the table; refuses a token or an id that occurs twice. */
static int index_entries(struct vocab *v, struct reader *r)
{
    hash_table_reserve(&v->table, v->count, hash_entry, v);
    AUTO_FREE uint8_t *seen = xcalloc((size_t)v->largest_id + 1, 1);
    for (size_t i = 0; i < v->count; i++) {
        const struct vocab_entry *e = &v->entries[i];
        struct span span = {v->text + e->offset, e->length};
        uint32_t hash = hash_entry(v, i);
        if (hash_table_slot(&v->table, hash, has_text, v, &span))
            return refuse_broken(r, "a token is listed twice");
        if (seen[e->id]++)
            return error_set(r->err, ERR_CORRUPT, "vocab.json: two tokens have the id %d",
                             (int)e->id);
        hash_table_add(&v->table, hash, i);
    }
    return 0;
}

static int read_entries(struct reader *r, struct vocab *v)
{
    size_t used = 0;
    if (!take_char(r, '{'))
        return refuse_broken(r, "a JSON object was expected");
    do {
        ARRAY_GROW(v->entries, v->cap, v->count + 1);
        size_t length = 0;
        int32_t id = 0;
        int rc = read_string(r, v->text + used, &length);
        if (!rc && !take_char(r, ':'))
            rc = refuse_broken(r, "a colon was expected");
        if (!rc)
            rc = read_id(r, &id);
        if (!rc && v->count >= LIMIT_VOCAB_TOKENS)
            rc = refuse_broken(r, "more tokens than this program reads");
        if (rc)
            return rc;
        v->entries[v->count++] = (struct vocab_entry){(uint32_t)used, (uint32_t)length, id};
        v->largest_id = id > v->largest_id ? id : v->largest_id;
        used += length;
    } while (take_char(r, ','));
    if (!take_char(r, '}'))
        return refuse_broken(r, "a comma or the object's end was expected");
    skip_space(r);
    return r->at == r->end ? 0 : refuse_broken(r, "something follows the object");
}

int vocab_parse(const void *data, size_t size, struct vocab *ret_vocab, struct error *err)
{
    struct reader r = {data, (const char *)data + size, data, err};
    if (size > LIMIT_VOCAB_BYTES)
        return error_set(err, ERR_LIMIT, "vocab.json is larger than %zu bytes", LIMIT_VOCAB_BYTES);
    struct vocab v = {0};
    void *text;
    int rc = try_alloc(size + 1, 1, LIMIT_VOCAB_BYTES + 1, &text, err);
    if (rc)
        return rc;
    v.text = text;
    rc = read_entries(&r, &v);
    if (!rc)
        rc = index_entries(&v, &r);
    if (rc) {
        vocab_release(&v);
        return rc;
    }
    *ret_vocab = v;
    return 0;
}

void vocab_release(struct vocab *v)
{
    free(v->text);
    free(v->entries);
    hash_table_release(&v->table);
    *v = (struct vocab){0};
}
