/* SPDX-License-Identifier: MIT */
/* Reads the colour chunks of a PNG file, because libpng rejects some profiles. */
#include "image/colour_png.h"

#include <string.h>
#include <zlib.h>

#include "base/limits.h"
#include "base/memory.h"

#define NAME_BYTES_MOST 79 /* of a profile's name */

struct chunks {
    struct colour colour;
    bool is_srgb;
};

static uint32_t big_endian(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The chunk has the name, NUL, 0 for Deflate, and the profile, whose first four bytes are its
 * size. */
static void read_profile(const uint8_t *data, size_t size, struct colour *colour)
{
    const uint8_t *end = memchr(data, 0, size < NAME_BYTES_MOST + 1 ? size : NAME_BYTES_MOST + 1);
    if (!end || (size_t)(end - data) + 2 >= size || end[1] != 0)
        return;
    const uint8_t *packed = end + 2;
    z_stream stream = {.next_in = (uint8_t *)(uintptr_t)packed,
                       .avail_in = (uInt)(size - (size_t)(packed - data))};
    uint8_t head[128];
    stream.next_out = head;
    stream.avail_out = sizeof head;
    if (inflateInit(&stream) != Z_OK)
        return;
    int rc = inflate(&stream, Z_SYNC_FLUSH);
    size_t whole = stream.avail_out ? 0 : big_endian(head);
    if ((rc == Z_OK || rc == Z_STREAM_END) && whole > sizeof head && whole <= LIMIT_ICC_BYTES) {
        AUTO_FREE uint8_t *icc = xmalloc(whole);
        memcpy(icc, head, sizeof head);
        stream.next_out = icc + sizeof head;
        stream.avail_out = (uInt)(whole - sizeof head);
        rc = inflate(&stream, Z_FINISH);
        if ((rc == Z_STREAM_END || rc == Z_BUF_ERROR || rc == Z_OK) && stream.avail_out == 0)
            colour_set_icc(colour, icc, whole);
    }
    inflateEnd(&stream);
}

static void read_chunk(const uint8_t *type, const uint8_t *data, size_t size, struct chunks *c)
{
    if (memcmp(type, "cICP", 4) == 0 && size == 4) {
        c->colour.primaries = data[0];
        c->colour.transfer = data[1];
    } else if (memcmp(type, "iCCP", 4) == 0) {
        read_profile(data, size, &c->colour);
    } else if (memcmp(type, "sRGB", 4) == 0) {
        c->is_srgb = true;
    } else if (memcmp(type, "gAMA", 4) == 0 && size == 4) {
        c->colour.gamma = big_endian(data) / 100000.0;
    } else if (memcmp(type, "cHRM", 4) == 0 && size == 32) {
        c->colour.has_chromaticity = true;
        for (int i = 0; i < 8; i++)
            c->colour.chromaticity[i] = big_endian(data + 4 * i) / 100000.0;
    }
}

void colour_png_read(const uint8_t *data, size_t size, struct colour *ret_colour)
{
    struct chunks c = {.is_srgb = false};
    for (size_t at = 8; at < size && size - at >= 12;) {
        size_t length = big_endian(data + at);
        const uint8_t *type = data + at + 4;
        if (length > size - at - 12 || memcmp(type, "IDAT", 4) == 0)
            break;
        read_chunk(type, data + at + 8, length, &c);
        at += 12 + length;
    }
    if (c.is_srgb) {
        c.colour.gamma = 0;
        c.colour.has_chromaticity = false;
    }
    *ret_colour = c.colour;
}
