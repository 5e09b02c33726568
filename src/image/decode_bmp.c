/* SPDX-License-Identifier: MIT */
/* Decodes Windows and OS/2 bitmaps: 1 to 32 bits per pixel, palettes, bit fields, run-length
 * coding. No library for the format is both maintained and exact; it is parsed here, with every
 * length checked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "image/decode.h"

#define FILE_HEADER 14
#define CORE_HEADER 12 /* of OS/2 1.x: 16-bit sides, palette entries of three bytes */
#define INFO_HEADER 40
#define GREY 128

enum compression { PLAIN = 0, RLE8 = 1, RLE4 = 2, FIELDS = 3, ALPHA_FIELDS = 6 };

struct field {
    uint32_t mask;
    int shift;
    uint32_t most; /* the field's value with all bits set */
};

struct bmp {
    const uint8_t *data;
    size_t size;
    size_t header; /* size of the second header */
    int64_t width, height;
    bool top_down;
    unsigned bits, compression;
    uint8_t palette[256][3];
    struct field fields[4]; /* red, green, blue, alpha */
    size_t pixels_at, stride;
};

static unsigned read_u16(const uint8_t *at)
{
    return at[0] | (unsigned)at[1] << 8;
}

static uint32_t read_u32(const uint8_t *at)
{
    return read_u16(at) | (uint32_t)read_u16(at + 2) << 16;
}

static bool is_bmp(const uint8_t *data, size_t size)
{
    if (size < FILE_HEADER + CORE_HEADER || memcmp(data, "BM", 2) != 0)
        return false;
    uint32_t header = read_u32(data + FILE_HEADER);
    return header == CORE_HEADER || (header >= 16 && header <= 124 && header % 4 == 0);
}

/* ---- headers ---- */

static int refuse_unsupported(const char *what, unsigned number, struct error *err)
{
    return error_set(err, ERR_UNSUPPORTED, "this kind of BMP picture is not supported: %s %u", what,
                     number);
}

static bool has_plain_bits(unsigned bits)
{
    return bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16 || bits == 24 ||
           bits == 32;
}

static int check_kind(const struct bmp *b, struct error *err)
{
    switch (b->compression) {
    case PLAIN:
        return has_plain_bits(b->bits) ? 0 : refuse_unsupported("bits a pixel:", b->bits, err);
    case RLE8:
    case RLE4:
        if (b->bits != (b->compression == RLE8 ? 8 : 4))
            return refuse_unsupported("run-length coding of bits a pixel:", b->bits, err);
        return b->top_down ? error_set(err, ERR_CORRUPT,
                                       "the BMP header contradicts itself: run-length coding "
                                       "begins at the bottom")
                           : 0;
    case FIELDS:
    case ALPHA_FIELDS:
        if (b->header != 64)
            return b->bits == 16 || b->bits == 32
                       ? 0
                       : refuse_unsupported("bit fields of bits a pixel:", b->bits, err);
    }
    return refuse_unsupported("compression", b->compression, err);
}

static struct field make_field(uint32_t mask)
{
    struct field field = {.mask = mask};
    if (mask) {
        field.shift = __builtin_ctz(mask);
        field.most = mask >> field.shift;
    }
    return field;
}

/* Reads the masks, which are in a longer header or after the one of 40 bytes. Returns their size
 * there. */
static size_t read_fields(struct bmp *b)
{
    static const uint32_t of_15[] = {0x7C00, 0x3E0, 0x1F, 0};
    static const uint32_t of_32[] = {0xFF0000, 0xFF00, 0xFF, 0};
    bool given = b->compression == FIELDS || b->compression == ALPHA_FIELDS;
    size_t n = b->compression == ALPHA_FIELDS || b->header >= 56 ? 4 : 3;
    const uint8_t *at = b->data + FILE_HEADER + INFO_HEADER;
    given = given && b->header >= INFO_HEADER && b->size >= FILE_HEADER + INFO_HEADER + 4 * n;
    for (size_t i = 0; i < 4; i++)
        b->fields[i] = make_field(given ? i < n ? read_u32(at + 4 * i) : 0
                                        : (b->bits == 16 ? of_15 : of_32)[i]);
    return given && b->header == INFO_HEADER ? 4 * n : 0;
}

/* Returns the end of the palette. */
static size_t read_palette(struct bmp *b, size_t at, uint32_t used)
{
    size_t entry = b->header == CORE_HEADER ? 3 : 4, n = b->bits <= 8 ? (size_t)1 << b->bits : 0;
    if (used && used < n)
        n = used;
    size_t end = at + n * entry;
    for (size_t i = 0; i < n && at + 3 <= b->size; i++, at += entry)
        for (int c = 0; c < 3; c++)
            b->palette[i][c] = b->data[at + 2 - (size_t)c];
    return end;
}

static int read_header(struct bmp *b, struct error *err)
{
    const uint8_t *at = b->data + FILE_HEADER;
    uint32_t used = 0;
    b->header = read_u32(at);
    if (b->size < FILE_HEADER + b->header)
        return error_set(err, ERR_CORRUPT, "the BMP data ends before the picture begins");
    if (b->header == CORE_HEADER) {
        b->width = read_u16(at + 4);
        b->height = read_u16(at + 6);
        b->bits = read_u16(at + 10);
    } else {
        b->width = (int32_t)read_u32(at + 4);
        b->height = (int32_t)read_u32(at + 8);
        b->bits = read_u16(at + 14);
        b->compression = b->header >= 20 ? read_u32(at + 16) : PLAIN;
        used = b->header >= 36 ? read_u32(at + 32) : 0;
    }
    b->top_down = b->height < 0;
    b->height = b->top_down ? -b->height : b->height;
    if (b->width < 0)
        return error_set(err, ERR_CORRUPT, "the BMP header is broken: the width is negative");
    int rc = check_kind(b, err);
    if (!rc)
        rc = decode_check_size((uint64_t)b->width, (uint64_t)b->height, 3, 0, err);
    if (rc)
        return rc;
    size_t end = read_palette(b, FILE_HEADER + b->header + read_fields(b), used);
    b->pixels_at = read_u32(b->data + 10);
    if (b->pixels_at <
            FILE_HEADER + b->header || /* some programs state no offset, or leave out colours */
        (b->bits <= 8 && b->pixels_at == FILE_HEADER + b->header))
        b->pixels_at = end;
    b->stride = ((size_t)b->width * b->bits + 31) / 32 * 4;
    return 0;
}

/* ---- pixels ---- */

static uint8_t *row_of(const struct bmp *b, uint8_t *rgb, int64_t row)
{
    int64_t y = b->top_down ? row : b->height - 1 - row;
    return rgb + (size_t)y * (size_t)b->width * 3;
}

static unsigned scale_field(const struct field *field, uint32_t pixel)
{
    if (!field->most)
        return 0;
    return (unsigned)((uint64_t)((pixel & field->mask) >> field->shift) * 255 / field->most);
}

static void read_indices(const struct bmp *b, const uint8_t *in, uint8_t *out)
{
    unsigned per_byte = 8 / b->bits, mask = (1u << b->bits) - 1;
    for (int64_t x = 0; x < b->width; x++, out += 3) {
        unsigned place = (unsigned)x % per_byte;
        unsigned index = in[(size_t)x / per_byte] >> (8 - b->bits * (place + 1)) & mask;
        memcpy(out, b->palette[index], 3);
    }
}

/* Composes the pixels over white if there is alpha. */
static void read_field_pixels(const struct bmp *b, const uint8_t *in, bool use_alpha, uint8_t *out)
{
    size_t bytes = b->bits / 8;
    for (int64_t x = 0; x < b->width; x++, in += bytes, out += 3) {
        uint32_t pixel = bytes == 2 ? read_u16(in) : read_u32(in);
        uint8_t rgba[4];
        for (int c = 0; c < 4; c++)
            rgba[c] = (uint8_t)scale_field(&b->fields[c], pixel);
        if (!use_alpha)
            rgba[3] = 255;
        decode_flatten(rgba, 1);
        memcpy(out, rgba, 3);
    }
}

static void read_row(const struct bmp *b, const uint8_t *in, bool use_alpha, uint8_t *out)
{
    if (b->bits <= 8) {
        read_indices(b, in, out);
    } else if (b->bits == 24) {
        for (int64_t x = 0; x < b->width; x++, in += 3, out += 3)
            for (int c = 0; c < 3; c++)
                out[c] = in[2 - c];
    } else {
        read_field_pixels(b, in, use_alpha, out);
    }
}

/* Many programs leave alpha at 0 everywhere although the picture is opaque. */
static bool has_alpha(const struct bmp *b, const uint8_t *pixels, int64_t rows)
{
    size_t bytes = b->bits / 8;
    if (b->bits < 16 || b->bits == 24 || !b->fields[3].most)
        return false;
    for (int64_t y = 0; y < rows; y++)
        for (int64_t x = 0; x < b->width; x++) {
            const uint8_t *at = pixels + (size_t)y * b->stride + (size_t)x * bytes;
            if ((bytes == 2 ? read_u16(at) : read_u32(at)) & b->fields[3].mask)
                return true;
        }
    return false;
}

/* The number of rows with data; padding may be missing in the last one. */
static int64_t count_plain(const struct bmp *b)
{
    size_t left = b->size > b->pixels_at ? b->size - b->pixels_at : 0;
    size_t used = ((size_t)b->width * b->bits + 7) / 8;
    int64_t rows = (int64_t)(left / b->stride) + (left % b->stride >= used);
    return rows < b->height ? rows : b->height;
}

static void read_plain(const struct bmp *b, int64_t rows, uint8_t *rgb)
{
    size_t left = b->size > b->pixels_at ? b->size - b->pixels_at : 0;
    bool alpha =
        has_alpha(b, b->data + b->pixels_at, rows > (int64_t)(left / b->stride) ? rows - 1 : rows);
    for (int64_t row = 0; row < rows; row++)
        read_row(b, b->data + b->pixels_at + (size_t)row * b->stride, alpha, row_of(b, rgb, row));
}

struct pen {
    const struct bmp *bmp;
    uint8_t *rgb;
    int64_t x, row;
};

static void put_index(struct pen *pen, unsigned index)
{
    const struct bmp *b = pen->bmp;
    if (pen->x < b->width && pen->row < b->height)
        memcpy(row_of(b, pen->rgb, pen->row) + 3 * pen->x, b->palette[index], 3);
    pen->x++;
}

/* `n` indices of 8 or 4 bits each. */
static void put_literal(struct pen *pen, const uint8_t *in, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        put_index(pen, pen->bmp->bits == 8 ? in[i] : i % 2 ? in[i / 2] & 15 : in[i / 2] >> 4);
}

static void put_run(struct pen *pen, uint8_t value, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        put_index(pen, pen->bmp->bits == 8 ? value : i % 2 ? value & 15 : value >> 4);
}

/* Pixels that no code reaches have the first colour. Returns the number of rows with data. */
static int64_t read_runs(const struct bmp *b, uint8_t *rgb)
{
    struct pen pen = {.bmp = b, .rgb = rgb};
    size_t at = b->pixels_at;
    for (size_t i = 0; i < (size_t)b->width * (size_t)b->height; i++)
        memcpy(rgb + 3 * i, b->palette[0], 3);
    while (pen.row < b->height && at < b->size && b->size - at >= 2) {
        unsigned n = b->data[at], code = b->data[at + 1];
        at += 2;
        if (n > 0) {
            put_run(&pen, (uint8_t)code, n);
        } else if (code == 0) {
            pen.row++;
            pen.x = 0;
        } else if (code == 1) {
            return b->height;
        } else if (code == 2) {
            if (b->size - at < 2)
                break;
            pen.x += b->data[at];
            pen.row += b->data[at + 1];
            at += 2;
        } else {
            size_t bytes = b->bits == 8 ? code : (code + 1) / 2;
            if (b->size - at < bytes)
                break;
            put_literal(&pen, b->data + at, code);
            at += bytes + bytes % 2;
        }
    }
    if (pen.x >= b->width)
        pen.row++;
    return pen.row < b->height ? pen.row : b->height;
}

static int judge_rows(const struct bmp *b, int64_t rows, struct decoded *ret, struct error *err)
{
    if (rows == b->height)
        return 0;
    return decode_note_loss(ret, "the BMP data ends early",
                            (double)(b->height - rows) / (double)b->height, err);
}

static int decode_file(const uint8_t *data, size_t size, int short_edge_px, struct decoded *ret,
                       struct error *err)
{
    (void)short_edge_px;
    struct bmp b = {.data = data, .size = size};
    AUTO_PIXELS uint8_t *rgb = NULL;
    int rc = read_header(&b, err);
    bool runs = b.compression == RLE8 || b.compression == RLE4;
    int64_t rows = rc || runs ? b.height : count_plain(&b);
    if (!rc)
        rc = judge_rows(&b, rows, ret, err);
    if (!rc)
        rc = decode_alloc((int)b.width, (int)b.height, 3, &rgb, err);
    if (rc)
        return rc;
    memset(rgb, GREY, (size_t)b.width * (size_t)b.height * 3);
    if (runs)
        rc = judge_rows(&b, read_runs(&b, rgb), ret, err);
    else
        read_plain(&b, rows, rgb);
    if (rc)
        return rc;
    text_copy(ret->format, sizeof ret->format, "bmp");
    ret->width = (int)b.width;
    ret->height = (int)b.height;
    ret->image = decode_image_take(ret->width, ret->height, rgb);
    rgb = NULL;
    return 0;
}

static void describe_bmp(char *text, size_t size)
{
    text_copy(text, size, "keepsake " KEEPSAKE_VERSION);
}

const struct decoder decode_bmp = {
    .name = "BMP",
    .formats = {{"bmp", "BMP", "image/bmp"}},
    .extensions = {"bmp", "dib"},
    .sniff = is_bmp,
    .decode = decode_file,
    .describe = describe_bmp,
};
