/* SPDX-License-Identifier: MIT */
/* Searches the segments of a JPEG file before its data (ITU-T T.81, annex B) for facts. */
#include "image/jpeg_facts.h"

#include <string.h>

#include "metadata/exif.h"
#include "metadata/iptc.h"
#include "metadata/xmp.h"

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

static void add_segment(uint8_t code, const uint8_t *data, size_t size, struct metadata *metadata)
{
    static const char xmp[] = "http://ns.adobe.com/xap/1.0/";
    if (code == MARKER_APP1 && size > sizeof xmp && memcmp(data, xmp, sizeof xmp) == 0)
        xmp_add(data + sizeof xmp, size - sizeof xmp, metadata);
    else if (code == MARKER_APP1)
        exif_add(data, size, metadata);
    else if (code == MARKER_APP13)
        iptc_add_resources(data, size, metadata);
}

void jpeg_facts_add(const uint8_t *data, size_t size, struct metadata *metadata)
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
        add_segment(code, data + at + 2, length - 2, metadata);
        at += length;
    }
}
