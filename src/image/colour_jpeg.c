/* SPDX-License-Identifier: MIT */
/* Joins the pieces of a JPEG's ICC profile. */
#include "image/colour_jpeg.h"

#include <string.h>

#include "base/limits.h"
#include "base/memory.h"

#define SIGNATURE "ICC_PROFILE" /* with its NUL; then the piece's number and the total */
#define HEAD_BYTES (sizeof SIGNATURE + 2)
#define MOST_PIECES 255

struct piece {
    const uint8_t *data;
    size_t size;
};

struct pieces {
    struct piece piece[MOST_PIECES + 1]; /* indexed from 1 */
    unsigned count;                      /* as stated by the first piece */
};

static void note_piece(const uint8_t *segment, size_t size, struct pieces *p)
{
    if (size <= HEAD_BYTES || memcmp(segment, SIGNATURE, sizeof SIGNATURE) != 0)
        return;
    unsigned number = segment[HEAD_BYTES - 2], count = segment[HEAD_BYTES - 1];
    p->count = p->count ? p->count : count;
    if (number > 0 && number <= p->count && !p->piece[number].data)
        p->piece[number] = (struct piece){segment + HEAD_BYTES, size - HEAD_BYTES};
}

/* Searches the segments before the picture. */
static void find_pieces(const uint8_t *data, size_t size, struct pieces *p)
{
    const uint8_t app2 = 0xE2, start_of_scan = 0xDA;
    for (size_t at = 2; at < size && size - at >= 4;) {
        if (data[at] != 0xFF) { /* bytes between segments */
            at++;
            continue;
        }
        uint8_t code = data[at + 1];
        if (code == 0xFF || code == 0x00 || code == 0x01 || (code >= 0xD0 && code <= 0xD8)) {
            at += code == 0xFF ? 1 : 2;
            continue;
        }
        size_t length = (size_t)data[at + 2] << 8 | data[at + 3];
        if (code == start_of_scan || length < 2 || length > size - at - 2)
            return;
        if (code == app2)
            note_piece(data + at + 4, length - 2, p);
        at += 2 + length;
    }
}

void colour_jpeg_read(const uint8_t *data, size_t size, struct colour *ret_colour)
{
    struct pieces p = {.count = 0};
    size_t whole = 0;
    find_pieces(data, size, &p);
    *ret_colour = (struct colour){0};
    for (unsigned i = 1; i <= p.count; i++) {
        if (!p.piece[i].data)
            return;
        whole += p.piece[i].size;
    }
    if (whole == 0 || whole > LIMIT_ICC_BYTES)
        return;
    AUTO_FREE uint8_t *icc = xmalloc(whole);
    uint8_t *at = icc;
    for (unsigned i = 1; i <= p.count; i++)
        at = (uint8_t *)mempcpy(at, p.piece[i].data, p.piece[i].size);
    colour_set_icc(ret_colour, icc, whole);
}
