/* SPDX-License-Identifier: MIT */
/* Converts nearly valid JSON to strict JSON, and reads numbers in any spelling. */
#include "base/json_lenient.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define REPLACEMENT "\xEF\xBF\xBD"
#define HALVES_FIRST 0x10F800U /* + 0 .. 0x7FF stands for U+D800 .. U+DFFF */

struct mending {
    const char *at, *end;
    enum json_halves halves;
    char *out; /* room for six times the input */
    size_t used;
};

static void put_bytes(struct mending *m, const char *bytes, size_t size)
{
    memcpy(m->out + m->used, bytes, size);
    m->used += size;
}

static size_t encode_utf8(uint32_t code, char ret_bytes[4])
{
    if (code < 0x80) {
        ret_bytes[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; code >>= 6)
        ret_bytes[i] = (char)(0x80 | (code & 0x3F));
    ret_bytes[0] = (char)(leads[n] | code);
    return n;
}

/* ---- texts ---- */

/* The four digits of \uXXXX; false when they are not hexadecimal. */
static bool read_hex(const struct mending *m, const char *at, uint32_t *ret_code)
{
    uint32_t code = 0;
    if (m->end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return false;
    for (int i = 2; i < 6; i++) {
        unsigned char c = (unsigned char)at[i];
        if (!isxdigit(c))
            return false;
        code = code << 4 | (uint32_t)(isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    *ret_code = code;
    return true;
}

static void put_half(struct mending *m, uint32_t code)
{
    char bytes[4];
    if (m->halves == JSON_HALVES_REPLACED)
        put_bytes(m, REPLACEMENT, 3);
    else
        put_bytes(m, bytes, encode_utf8(HALVES_FIRST + (code - 0xD800), bytes));
}

static void mend_code(struct mending *m, uint32_t code)
{
    uint32_t second;
    bool is_half = code >= 0xD800 && code <= 0xDFFF;
    bool is_pair = is_half && code < 0xDC00 && read_hex(m, m->at + 6, &second) &&
                   second >= 0xDC00 && second <= 0xDFFF;
    if (is_pair)
        put_bytes(m, m->at, 12);
    else if (is_half)
        put_half(m, code);
    else if (code == 0)
        put_bytes(m, REPLACEMENT, 3);
    else
        put_bytes(m, m->at, 6);
    m->at += is_pair ? 12 : 6;
}

static void mend_escape(struct mending *m)
{
    uint32_t code;
    if (read_hex(m, m->at, &code)) {
        mend_code(m, code);
    } else if (m->end - m->at < 2) {
        m->at++;
    } else if (strchr("\"\\/bfnrt", m->at[1]) && m->at[1]) {
        put_bytes(m, m->at, 2);
        m->at += 2;
    } else {
        m->at++; /* keeps the character alone */
    }
}

static void mend_character(struct mending *m)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char c = (unsigned char)*m->at;
    uint32_t code;
    size_t n = text_decode(m->at, (size_t)(m->end - m->at), &code);
    if (c < 0x20) {
        char escape[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};
        if (c)
            put_bytes(m, escape, sizeof escape);
        else
            put_bytes(m, REPLACEMENT, 3);
        n = 1;
    } else if (n) {
        put_bytes(m, m->at, n);
    } else {
        put_bytes(m, REPLACEMENT, 3);
        n = 1;
    }
    m->at += n;
}

/* A string, from its opening quotation mark to after the closing one, if there is one. */
static void mend_text(struct mending *m)
{
    put_bytes(m, m->at++, 1);
    while (m->at < m->end && *m->at != '"') {
        if (*m->at == '\\')
            mend_escape(m);
        else
            mend_character(m);
    }
    if (m->at < m->end)
        put_bytes(m, m->at++, 1);
}

/* ---- numbers ---- */

static bool is_of_number(char c)
{
    return isdigit((unsigned char)c) || (c && strchr("+-.eE", c));
}

/* A number that jansson cannot hold becomes a double or null. */
static void mend_number(struct mending *m)
{
    const char *start = m->at;
    while (m->at < m->end && is_of_number(*m->at))
        m->at++;
    size_t size = (size_t)(m->at - start);
    AUTO_FREE char *text = xstrndup(start, size);
    bool is_integer = strspn(text, "-0123456789") == size;
    double value = strtod(text, NULL);
    errno = 0;
    if (is_integer)
        (void)strtoll(text, NULL, 10);
    if (!isfinite(value)) {
        put_bytes(m, "null", 4);
    } else if (is_integer && errno == ERANGE) {
        put_bytes(m, start, size);
        put_bytes(m, ".0", 2);
    } else {
        put_bytes(m, start, size);
    }
}

static bool mend_word(struct mending *m)
{
    static const char *const words[] = {"NaN", "Infinity", "-Infinity", "-NaN", "undefined"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if ((size_t)(m->end - m->at) < n || memcmp(m->at, words[i], n) != 0)
            continue;
        put_bytes(m, "null", 4);
        m->at += n;
        return true;
    }
    return false;
}

/* Whether only a closing bracket follows the comma. */
static bool is_spare_comma(const struct mending *m)
{
    const char *next = m->at + 1;
    while (next < m->end && isspace((unsigned char)*next))
        next++;
    return *m->at == ',' && next < m->end && (*next == '}' || *next == ']');
}

static json_t *mend_json(const char *data, size_t size, enum json_halves halves)
{
    AUTO_FREE char *out = xmalloc(6 * size + 8);
    struct mending m = {.at = data, .end = data + size, .halves = halves, .out = out};
    while (m.at < m.end) {
        if (*m.at == '"')
            mend_text(&m);
        else if (mend_word(&m))
            continue;
        else if (*m.at == '-' || isdigit((unsigned char)*m.at))
            mend_number(&m);
        else if (is_spare_comma(&m))
            m.at++;
        else
            put_bytes(&m, m.at++, 1);
    }
    return json_loadb(out, m.used, JSON_DECODE_ANY, NULL);
}

json_t *json_read_lenient(const void *data, size_t size, enum json_halves halves)
{
    const char *text = data;
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        text += 3, size -= 3;
    if (size == 0)
        return NULL;
    json_t *root = json_loadb(text, size, JSON_DECODE_ANY, NULL);
    return root ? root : mend_json(text, size, halves);
}

/* ---- halves ---- */

/* The surrogate (U+D800 to U+DFFF) at the start of the text, or 0. */
static uint32_t half_at(const char *text, size_t size)
{
    uint32_t code;
    if (size < JSON_HALF_BYTES || (unsigned char)text[0] != 0xF4 ||
        text_decode(text, size, &code) != JSON_HALF_BYTES || code < HALVES_FIRST)
        return 0;
    return 0xD800 + (code - HALVES_FIRST);
}

size_t json_half_at_end(const char *text, size_t size)
{
    uint32_t half =
        size >= JSON_HALF_BYTES ? half_at(text + size - JSON_HALF_BYTES, JSON_HALF_BYTES) : 0;
    return half && half < 0xDC00 ? JSON_HALF_BYTES : 0;
}

size_t json_join_halves(char *text, size_t size, bool more)
{
    size_t kept = more ? json_half_at_end(text, size) : 0, used = 0;
    for (size_t at = 0; at < size - kept;) {
        uint32_t first = half_at(text + at, size - at);
        if (!first) {
            text[used++] = text[at++];
            continue;
        }
        at += JSON_HALF_BYTES;
        uint32_t second = first < 0xDC00 ? half_at(text + at, size - kept - at) : 0;
        if (second >= 0xDC00) {
            used +=
                encode_utf8(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00), text + used);
            at += JSON_HALF_BYTES;
        } else {
            memcpy(text + used, REPLACEMENT, 3);
            used += 3;
        }
    }
    memmove(text + used, text + size - kept, kept);
    return used + kept;
}

/* ---- values ---- */

static bool whole_of_double(double value, int64_t *ret_number)
{
    if (!(fabs(value) < 9.2e18) || value != floor(value))
        return false;
    *ret_number = (int64_t)value;
    return true;
}

bool json_any_number(const json_t *value, double *ret_number)
{
    double number = json_number_value(value);
    if (json_is_string(value)) {
        const char *text = json_string_value(value);
        size_t blanks = strspn(text, " \t"), n = strspn(text + blanks, "+-.0123456789eE");
        char *end;
        number = strtod(text + blanks, &end);
        if (n == 0 || end != text + blanks + n || end[strspn(end, " \t")] != '\0')
            return false;
    } else if (!json_is_number(value)) {
        return false;
    }
    if (!isfinite(number))
        return false;
    *ret_number = number;
    return true;
}

bool json_whole_number(const json_t *value, int64_t *ret_number)
{
    double number;
    if (json_is_integer(value)) {
        *ret_number = json_integer_value(value);
        return true;
    }
    return json_any_number(value, &number) && whole_of_double(number, ret_number);
}

/* ---- a member of a broken object ---- */

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && isspace((unsigned char)*at))
        at++;
    return at;
}

/* Skips the string that begins at `at`; NULL when it has no closing quotation mark. */
static const char *skip_text(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at < end ? at + 1 : NULL;
}

/* Skips the value that begins at `at`; returns `end` when it is truncated. */
static const char *skip_value(const char *at, const char *end)
{
    int depth = 0;
    while (at && at < end) {
        if (*at == '"')
            at = skip_text(at, end);
        else if ((*at == ',' || *at == '}' || *at == ']') && depth == 0)
            return at;
        else
            depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']'), at++;
    }
    return end;
}

static const char *trimmed_end(const char *from, const char *to)
{
    while (to > from && isspace((unsigned char)to[-1]))
        to--;
    return to;
}

const char *json_raw_member(const char *text, size_t size, const char *key, size_t *ret_size)
{
    const char *end = text + size, *at = skip_blanks(text, end);
    size_t n = strlen(key);
    if (at == end || *at++ != '{')
        return NULL;
    for (; at < end; at++) {
        at = skip_blanks(at, end);
        const char *behind = at < end && *at == '"' ? skip_text(at, end) : NULL;
        if (!behind)
            return NULL;
        bool found = (size_t)(behind - at) == n + 2 && memcmp(at + 1, key, n) == 0;
        at = skip_blanks(behind, end);
        if (at == end || *at != ':')
            return NULL;
        at = skip_blanks(at + 1, end);
        behind = skip_value(at, end);
        if (found) {
            *ret_size = (size_t)(trimmed_end(at, behind) - at);
            return at;
        }
        at = behind;
        if (at == end || *at != ',')
            return NULL;
    }
    return NULL;
}
