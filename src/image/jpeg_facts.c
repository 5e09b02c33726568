/* SPDX-License-Identifier: MIT */
/* Searches the segments of a JPEG file before its data (ITU-T T.81, annex B) for Exif blocks. */
#include "image/jpeg_facts.h"

#include <string.h>

enum marker {
    MARKER_TEM = 0x01,
    MARKER_RST0 = 0xD0,
    MARKER_SOI = 0xD8,
    MARKER_EOI = 0xD9,
    MARKER_SOS = 0xDA,
    MARKER_APP1 = 0xE1,
    MARKER_APP13 = 0xED,
};

/* The offset of the next marker's code byte; size if there is none. */
static size_t find_code(const uint8_t *data, size_t size, size_t at)
{
    while (at < size) {
        const uint8_t *found = memchr(data + at, 0xFF, size - at);
        if (!found)
            return size;
        at = (size_t)(found - data);
        while (at < size && data[at] == 0xFF)
            at++;
        if (at < size && data[at] != 0x00)
            return at;
    }
    return size;
}

void jpeg_facts_add(const uint8_t *data, size_t size, struct exif *exif)
{
    size_t at = 0;
    while ((at = find_code(data, size, at)) < size) {
        uint8_t code = data[at++];
        if (code == MARKER_SOS || code == MARKER_EOI)
            return;
        if (code == MARKER_TEM || (code >= MARKER_RST0 && code <= MARKER_SOI))
            continue;
        size_t length = size - at < 2 ? 0 : (size_t)(data[at] << 8 | data[at + 1]);
        if (length < 2 || length > size - at)
            return;
        if (code == MARKER_APP1)
            exif_add(data + at + 2, length - 2, exif);
        if ((code == MARKER_APP1 && length > 30 && memcmp(data + at + 2, "http", 4) == 0) ||
            code == MARKER_APP13)
            exif_note_other(data + at + 2, length - 2, exif);
        at += length;
    }
}
