/* SPDX-License-Identifier: MIT */
/* Reads directories of tagged values: their positions, and their contents. */
#include "metadata/tiff_tags.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum type {
    TYPE_BYTE = 1,
    TYPE_ASCII = 2,
    TYPE_SHORT = 3,
    TYPE_LONG = 4,
    TYPE_RATIONAL = 5,
    TYPE_SBYTE = 6,
    TYPE_UNDEFINED = 7,
    TYPE_SSHORT = 8,
    TYPE_SLONG = 9,
    TYPE_SRATIONAL = 10,
    TYPE_FLOAT = 11,
    TYPE_DOUBLE = 12,
    TYPE_IFD = 13,
    TYPE_LONG8 = 16,
    TYPE_SLONG8 = 17,
    TYPE_IFD8 = 18,
    TYPE_UTF8 = 129, /* Exif 3.0 */
};

#define TEXT_BYTES 256     /* longer texts are cut */
#define MOST_ENTRIES 65535 /* per directory: the maximum of a classic one */

static uint64_t read_bytes(bool big_endian, const uint8_t *at, size_t n)
{
    uint64_t number = 0;
    for (size_t i = 0; i < n; i++)
        number = number << 8 | at[big_endian ? i : n - 1 - i];
    return number;
}

static size_t item_bytes(unsigned type)
{
    switch (type) {
    case TYPE_BYTE:
    case TYPE_ASCII:
    case TYPE_SBYTE:
    case TYPE_UNDEFINED:
    case TYPE_UTF8:
        return 1;
    case TYPE_SHORT:
    case TYPE_SSHORT:
        return 2;
    case TYPE_LONG:
    case TYPE_SLONG:
    case TYPE_FLOAT:
    case TYPE_IFD:
        return 4;
    case TYPE_RATIONAL:
    case TYPE_SRATIONAL:
    case TYPE_DOUBLE:
    case TYPE_LONG8:
    case TYPE_SLONG8:
    case TYPE_IFD8:
        return 8;
    default:
        return 0;
    }
}

bool tiff_tags_open(const uint8_t *data, size_t size, struct tiff_tags *ret_tags)
{
    struct tiff_tags tags = {.data = data, .size = size};
    if (size < 8 || (memcmp(data, "II", 2) != 0 && memcmp(data, "MM", 2) != 0))
        return false;
    tags.big_endian = data[0] == 'M';
    uint64_t version = read_bytes(tags.big_endian, data + 2, 2);
    tags.big = version == 43;
    if (version != 42 && (!tags.big || size < 16))
        return false;
    tags.first = tags.big ? read_bytes(tags.big_endian, data + 8, 8)
                          : read_bytes(tags.big_endian, data + 4, 4);
    *ret_tags = tags;
    return true;
}

/* Short values are in the entry itself, longer ones at the offset in it. */
static bool read_entry(const struct tiff_tags *tags, const uint8_t *entry,
                       struct tiff_value *ret_value)
{
    size_t word = tags->big ? 8 : 4;
    unsigned type = (unsigned)read_bytes(tags->big_endian, entry + 2, 2);
    uint64_t count = read_bytes(tags->big_endian, entry + 4, word);
    size_t each = item_bytes(type);
    if (!each || !count || count > tags->size / each)
        return false;
    const uint8_t *data = entry + 4 + word;
    if (count * each > word) {
        uint64_t offset = read_bytes(tags->big_endian, data, word);
        if (offset > tags->size || count * each > tags->size - offset)
            return false;
        data = tags->data + offset;
    }
    *ret_value = (struct tiff_value){type, count, data, tags->big_endian};
    return true;
}

bool tiff_tags_next(const struct tiff_tags *tags, uint64_t directory, unsigned tag, size_t *place,
                    struct tiff_value *ret_value)
{
    size_t head = tags->big ? 8 : 2, each = tags->big ? 20 : 12;
    if (directory == 0 || directory > tags->size || tags->size - directory < head)
        return false;
    const uint8_t *start = tags->data + directory;
    uint64_t n = read_bytes(tags->big_endian, start, head);
    uint64_t fit = (tags->size - directory - head) / each;
    n = n < fit ? n : fit;
    for (size_t i = *place; i < n && i < MOST_ENTRIES; i++) {
        const uint8_t *entry = start + head + i * each;
        *place = i + 1;
        if (read_bytes(tags->big_endian, entry, 2) == tag && read_entry(tags, entry, ret_value))
            return true;
    }
    return false;
}

size_t tiff_value_bytes(const struct tiff_value *value)
{
    return (size_t)value->count * item_bytes(value->type);
}

static bool is_text(const struct tiff_value *value)
{
    if (value->type == TYPE_ASCII || value->type == TYPE_UTF8)
        return true;
    return value->type == TYPE_UNDEFINED && value->count > 1 && isprint(value->data[0]);
}

/* The start of a number: a digit, or a character that may precede its first digit. */
static const char *find_number(const char *text)
{
    for (; *text; text++) {
        const char *at = text + (*text == '-' || *text == '+');
        if (isdigit((unsigned char)*at) || (*at == '.' && isdigit((unsigned char)at[1])))
            return text;
    }
    return NULL;
}

/* A decimal number and the text after it; "1/4" is a fraction. */
static const char *read_number(const char *text, double *ret_number)
{
    char digits[64];
    size_t n = *text == '-' || *text == '+';
    n += strspn(text + n, "0123456789");
    if (text[n] == '.')
        n += 1 + strspn(text + n + 1, "0123456789");
    snprintf(digits, sizeof digits, "%.*s", (int)(n < 63 ? n : 63), text);
    *ret_number = strtod(digits, NULL);
    return text + n;
}

static bool read_text_number(const struct tiff_value *value, unsigned index, double *ret_number)
{
    char text[TEXT_BYTES];
    double number = 0, below;
    tiff_value_text(value, text, sizeof text);
    const char *at = text;
    for (unsigned i = 0; i <= index; i++) {
        at = find_number(at);
        if (!at)
            return false;
        at = read_number(at, &number);
        if (*at == '/' && isdigit((unsigned char)at[1])) {
            at = read_number(at + 1, &below);
            number = below != 0 ? number / below : number != 0 ? INFINITY : NAN;
        }
    }
    *ret_number = number;
    return !isnan(number);
}

static double as_signed(uint64_t number, size_t bytes)
{
    unsigned shift = (unsigned)(64 - 8 * bytes);
    return (double)((int64_t)(number << shift) >> shift);
}

static double as_float(uint64_t number, size_t bytes)
{
    uint32_t half = (uint32_t)number;
    float single;
    double whole;
    memcpy(&single, &half, sizeof single);
    memcpy(&whole, &number, sizeof whole);
    return bytes == 4 ? (double)single : whole;
}

/* Returns false for 0 / 0. */
static bool read_fraction(const struct tiff_value *value, const uint8_t *at, double *ret_number)
{
    uint64_t parts[2] = {read_bytes(value->big_endian, at, 4),
                         read_bytes(value->big_endian, at + 4, 4)};
    bool is_signed = value->type == TYPE_SRATIONAL;
    double above = is_signed ? as_signed(parts[0], 4) : (double)parts[0];
    double below = is_signed ? as_signed(parts[1], 4) : (double)parts[1];
    *ret_number = below != 0 ? above / below : INFINITY;
    return above != 0 || below != 0;
}

bool tiff_value_number(const struct tiff_value *value, unsigned index, double *ret_number)
{
    if (is_text(value))
        return read_text_number(value, index, ret_number);
    if (index >= value->count)
        return false;
    size_t bytes = item_bytes(value->type);
    const uint8_t *at = value->data + index * bytes;
    uint64_t number = read_bytes(value->big_endian, at, bytes);
    switch (value->type) {
    case TYPE_RATIONAL:
    case TYPE_SRATIONAL:
        return read_fraction(value, at, ret_number);
    case TYPE_FLOAT:
    case TYPE_DOUBLE:
        *ret_number = as_float(number, bytes);
        return !isnan(*ret_number);
    case TYPE_SBYTE:
    case TYPE_SSHORT:
    case TYPE_SLONG:
    case TYPE_SLONG8:
        *ret_number = as_signed(number, bytes);
        return true;
    default:
        *ret_number = (double)number;
        return true;
    }
}

/* Detects UTF-16: European text has a zero in each pair of bytes. Returns 1 for low byte first, 2
 * for high byte first, 0 for anything else. */
static int find_utf16(const uint8_t *text, size_t length)
{
    size_t zeros[2] = {0, 0};
    size_t pairs = length / 2;
    while (pairs && !text[2 * pairs - 2] && !text[2 * pairs - 1])
        pairs--;
    if (pairs < 2)
        return 0;
    if (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0)
        return text[0] == 0xFF ? 1 : 2;
    for (size_t i = 0; i < 2 * pairs && pairs > 2; i++)
        zeros[i % 2] += text[i] == 0;
    if (zeros[1] == pairs && !zeros[0])
        return 1;
    return zeros[0] == pairs && !zeros[1] ? 2 : 0;
}

/* Converts UTF-16 to UTF-8, without surrogate pairs, which names of cameras do not have. */
static size_t narrow_text(const uint8_t *text, size_t length, bool high_first, char *ret_text)
{
    size_t n = 0;
    for (size_t i = 0; i + 1 < length; i += 2) {
        unsigned code = high_first ? text[i] << 8 | text[i + 1] : text[i + 1] << 8 | text[i];
        if (code == 0)
            break;
        if (code == 0xFEFF)
            continue;
        if (code < 0x80) {
            ret_text[n++] = (char)code;
        } else if (code < 0x800) {
            ret_text[n++] = (char)(0xC0 | code >> 6);
            ret_text[n++] = (char)(0x80 | (code & 63));
        } else {
            ret_text[n++] = (char)(0xE0 | code >> 12);
            ret_text[n++] = (char)(0x80 | (code >> 6 & 63));
            ret_text[n++] = (char)(0x80 | (code & 63));
        }
    }
    return n;
}

void tiff_value_text(const struct tiff_value *value, char *ret_text, size_t size)
{
    char wide[TEXT_BYTES / 2 * 3];
    ret_text[0] = '\0';
    if (item_bytes(value->type) != 1)
        return;
    size_t most = value->count < TEXT_BYTES ? (size_t)value->count : TEXT_BYTES;
    const char *text = (const char *)value->data;
    size_t length = strnlen(text, most);
    int utf16 = find_utf16(value->data, most);
    if (utf16) {
        length = narrow_text(value->data, most, utf16 == 2, wide);
        text = wide;
    }
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    while (length > 0 && isspace((unsigned char)*text))
        text++, length--;
    AUTO_FREE char *clean = text_printable(text, length);
    text_copy(ret_text, size, clean);
}
