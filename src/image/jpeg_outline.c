#include "image/jpeg_outline.h"

#include <string.h>

enum marker {
    MARKER_SOF0 = 0xC0,
    MARKER_DHT = 0xC4,
    MARKER_JPG = 0xC8,
    MARKER_DAC = 0xCC,
    MARKER_SOF15 = 0xCF,
    MARKER_RST0 = 0xD0,
    MARKER_RST7 = 0xD7,
    MARKER_SOI = 0xD8,
    MARKER_EOI = 0xD9,
    MARKER_SOS = 0xDA,
    MARKER_TEM = 0x01,
};

/* The offset of the next marker's code byte at or after `at`; size when there is none.
 * Entropy-coded data is skipped: in it 0xFF is followed by 0x00, or by a restart marker. */
static size_t find_marker(const uint8_t *data, size_t size, size_t at)
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

static bool is_frame(uint8_t code)
{
    return code >= MARKER_SOF0 && code <= MARKER_SOF15 && code != MARKER_DHT &&
           code != MARKER_JPG && code != MARKER_DAC;
}

static bool stands_alone(uint8_t code)
{
    return (code >= MARKER_RST0 && code <= MARKER_SOI) || code == MARKER_TEM;
}

/* Each component is h x v of the largest h x v; unreadable factors count as full resolution. */
static uint64_t count_samples(const uint8_t *segment, size_t size,
                              const struct jpeg_outline *outline)
{
    unsigned sum = 0, h_max = 1, v_max = 1;
    uint64_t pixels = (uint64_t)outline->width * (uint64_t)outline->height;
    if (size < 6 + 3 * (size_t)outline->components)
        return pixels * (unsigned)outline->components;
    for (int i = 0; i < outline->components; i++) {
        unsigned h = segment[7 + 3 * i] >> 4, v = segment[7 + 3 * i] & 15;
        sum += h * v;
        h_max = h > h_max ? h : h_max;
        v_max = v > v_max ? v : v_max;
    }
    return pixels * sum / (h_max * v_max);
}

static void read_frame(const uint8_t *segment, size_t size, struct jpeg_outline *outline)
{
    if (size < 6 || outline->width)
        return;
    outline->height = segment[1] << 8 | segment[2];
    outline->width = segment[3] << 8 | segment[4];
    outline->components = segment[5];
    outline->samples = count_samples(segment, size, outline);
}

static void read_segment(uint8_t code, const uint8_t *segment, size_t size,
                         struct jpeg_outline *outline)
{
    if (is_frame(code)) {
        read_frame(segment, size, outline);
        outline->progressive |= (code & 3) == 2; /* SOF2, 6, 10, 14 */
    } else if (code == MARKER_SOS) {
        outline->scans++;
    }
}

void jpeg_outline_read(const uint8_t *data, size_t size, struct jpeg_outline *ret_outline)
{
    struct jpeg_outline outline = {0};
    size_t at = 0;
    while ((at = find_marker(data, size, at)) < size) {
        uint8_t code = data[at++];
        if (code == MARKER_EOI) {
            outline.ended = true;
            break;
        }
        if (stands_alone(code))
            continue;
        size_t length = size - at < 2 ? 0 : (size_t)(data[at] << 8 | data[at + 1]);
        if (length < 2 || length > size - at)
            break;
        read_segment(code, data + at + 2, length - 2, &outline);
        at += length;
    }
    *ret_outline = outline;
}
