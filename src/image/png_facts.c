/* SPDX-License-Identifier: MIT */
/* Reads the chunks of a PNG file that contain facts (PNG specification, third edition, 11.3). */
#include "image/png_facts.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "metadata/exif.h"
#include "metadata/xmp.h"

#define SIGNATURE_BYTES 8
#define CHUNK_BYTES 12   /* size of a chunk without data: length, type, checksum */
#define KEYWORD_BYTES 80 /* including its NUL */
#define MOST_TEXTS 16    /* limit on the texts unpacked per file */
#define TEXT_BYTES \
    (2 * LIMIT_EXIF_BYTES + (LIMIT_EXIF_BYTES >> 3)) /* hexadecimal, with its lines */

struct chunk {
    const char *type;
    const uint8_t *data;
    size_t size;
};

static size_t read_u32(const uint8_t *at)
{
    return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

/* *at is 0 before the first chunk. */
static bool next_chunk(const uint8_t *data, size_t size, size_t *at, struct chunk *ret_chunk)
{
    size_t here = *at ? *at : SIGNATURE_BYTES;
    if (here > size || size - here < CHUNK_BYTES)
        return false;
    size_t length = read_u32(data + here);
    if (length > size - here - CHUNK_BYTES)
        return false;
    *ret_chunk = (struct chunk){(const char *)data + here + 4, data + here + 8, length};
    *at = here + CHUNK_BYTES + length;
    return true;
}

static bool has_type(const struct chunk *chunk, const char *type)
{
    return memcmp(chunk->type, type, 4) == 0;
}

/* Skips to the data after the next NUL; false if there is none. */
static bool skip_text(const uint8_t **data, size_t *size)
{
    const uint8_t *end = memchr(*data, 0, *size);
    if (!end)
        return false;
    *size -= (size_t)(end + 1 - *data);
    *data = end + 1;
    return true;
}

/* Returns the unpacked data up to any damage, which the caller frees; NULL if the data is damaged
 * from its first byte on. */
static char *inflate_data(const uint8_t *data, size_t size)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)size};
    if (inflateInit(&stream) != Z_OK)
        return NULL;
    char *text = NULL;
    size_t cap = 0, n = 0;
    int rc = Z_OK;
    while (rc == Z_OK && n < TEXT_BYTES) {
        ARRAY_GROW(text, cap, n + 4096 + 1);
        stream.next_out = (Bytef *)text + n;
        stream.avail_out = (uInt)(cap - n - 1);
        rc = inflate(&stream, Z_NO_FLUSH);
        n = cap - 1 - stream.avail_out;
    }
    inflateEnd(&stream);
    if (text)
        text[n] = '\0';
    return text;
}

/* Returns the text of a tEXt, zTXt or iTXt chunk with that keyword, ignoring case; the caller
 * frees it. NULL for another chunk. */
static char *read_text(const struct chunk *chunk, const char *keyword)
{
    const uint8_t *data = chunk->data;
    size_t size = chunk->size, length = strlen(keyword);
    bool packed = has_type(chunk, "zTXt"), international = has_type(chunk, "iTXt");
    if (!packed && !international && !has_type(chunk, "tEXt"))
        return NULL;
    if (size <= length || length >= KEYWORD_BYTES || data[length] ||
        strncasecmp((const char *)data, keyword, length) != 0 || !skip_text(&data, &size))
        return NULL;
    if (international) {
        if (size < 2)
            return NULL;
        packed = data[0];
        data += 2;
        size -= 2;
        if (!skip_text(&data, &size) || !skip_text(&data, &size))
            return NULL;
    } else if (packed) {
        if (size < 1)
            return NULL;
        data++;
        size--;
    }
    if (packed)
        return inflate_data(data, size);
    return xstrndup((const char *)data, size < TEXT_BYTES ? size : TEXT_BYTES);
}

/* Parses "\nexif\n      94\n45786966...": a name, the number of bytes, and the bytes in
 * hexadecimal. */
static void add_profile(const char *text, struct metadata *metadata)
{
    text += strspn(text, "\r\n");
    text += strcspn(text, "\n"); /* after the name */
    size_t claimed = strtoul(text, (char **)(uintptr_t)&text, 10);
    if (claimed == 0 || claimed > LIMIT_EXIF_BYTES)
        return;
    AUTO_FREE uint8_t *block = xmalloc(claimed);
    size_t n = 0;
    for (; *text && n < claimed; text++) {
        if (!isxdigit((unsigned char)text[0]))
            continue;
        if (!isxdigit((unsigned char)text[1]))
            break;
        char digits[3] = {text[0], text[1], '\0'};
        block[n++] = (uint8_t)strtoul(digits, NULL, 16);
        text++;
    }
    exif_add(block, n, metadata);
}

/* Adds a text that people read. One that is not UTF-8 is Latin-1, which tEXt and zTXt should be. */
static bool add_words(const struct chunk *chunk, struct metadata *metadata)
{
    static const struct {
        const char *keyword;
        int fact;
    } texts[] = {{"Title", FACT_INDEX_title},
                 {"Description", FACT_INDEX_description},
                 {"Software", FACT_INDEX_software}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        AUTO_FREE char *text = read_text(chunk, texts[i].keyword);
        if (!text)
            continue;
        AUTO_FREE char *decoded = metadata_decode_text(text, strlen(text));
        metadata_offer_text(metadata, texts[i].fact, decoded, METADATA_PNG);
        return true;
    }
    return false;
}

/* A comment describes the picture if nothing else does. */
static void add_comment(const uint8_t *data, size_t size, struct metadata *metadata)
{
    struct chunk chunk;
    for (size_t at = 0; next_chunk(data, size, &at, &chunk);) {
        AUTO_FREE char *text = read_text(&chunk, "Comment");
        if (!text)
            continue;
        AUTO_FREE char *decoded = metadata_decode_text(text, strlen(text));
        metadata_offer_text(metadata, FACT_INDEX_description, decoded, METADATA_PNG);
        return;
    }
}

static bool add_text(const struct chunk *chunk, struct metadata *metadata)
{
    static const char *const profiles[] = {"Raw profile type exif", "Raw profile type APP1"};
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        AUTO_FREE char *text = read_text(chunk, profiles[i]);
        if (text) {
            add_profile(text, metadata);
            return true;
        }
    }
    AUTO_FREE char *packet = read_text(chunk, "XML:com.adobe.xmp");
    if (packet) {
        xmp_add((const uint8_t *)packet, strlen(packet), metadata);
        return true;
    }
    AUTO_FREE char *created = read_text(chunk, "Creation Time");
    if (created)
        metadata_add_date(created, METADATA_DATE_CREATED, metadata);
    return created || add_words(chunk, metadata);
}

void png_facts_add(const uint8_t *data, size_t size, struct metadata *metadata)
{
    struct chunk chunk;
    for (size_t at = 0; next_chunk(data, size, &at, &chunk);)
        if (has_type(&chunk, "eXIf"))
            exif_add(chunk.data, chunk.size < LIMIT_EXIF_BYTES ? chunk.size : LIMIT_EXIF_BYTES,
                     metadata);
    int texts = 0;
    for (size_t at = 0; next_chunk(data, size, &at, &chunk);) {
        if (texts < MOST_TEXTS)
            texts += add_text(&chunk, metadata);
    }
    add_comment(data, size, metadata);
}
