/* SPDX-License-Identifier: MIT */
/* Walks the markers of a JPEG file without decoding it, and repairs some kinds of damage. */
#include "image/jpeg_outline.h"

#include <string.h>

#define MOST_FOREIGN_BYTES 67 /* including the three that a JPEG begins with */

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
    MARKER_DQT = 0xDB,
    MARKER_DNL = 0xDC,
    MARKER_DRI = 0xDD,
    MARKER_APP0 = 0xE0,
    MARKER_APP15 = 0xEF,
    MARKER_COM = 0xFE,
    MARKER_TEM = 0x01,
};

size_t jpeg_find_start(const uint8_t *data, size_t size)
{
    size_t look = size < MOST_FOREIGN_BYTES ? size : MOST_FOREIGN_BYTES;
    const uint8_t *found = memmem(data, look, "\xFF\xD8\xFF", 3);
    return found ? (size_t)(found - data) : 0;
}

/* The offset of the next marker's code byte at or after `at`; size if there is none. Skips
 * entropy-coded data, in which 0xFF is followed by 0x00 or by a restart marker. */
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

/* The state of a walk over the markers, which reads or repairs. */
struct walk {
    const uint8_t *data;
    size_t size;
    uint8_t *mend; /* the same bytes, if they are to be repaired; or NULL */
    bool skip_ends;
    bool restarts;    /* the picture has restart markers */
    size_t height_at; /* offset of the frame header's height; 0: not found yet */
    struct jpeg_outline *outline;
};

/* ---- false markers ---- */

static size_t segment_length(const struct walk *w, size_t at)
{
    size_t length = w->size - at < 2 ? 0 : (size_t)(w->data[at] << 8 | w->data[at + 1]);
    return length < 2 || length > w->size - at ? 0 : length;
}

static bool is_huffman_table(const uint8_t *segment, size_t size)
{
    size_t at = 0;
    while (size - at >= 17) {
        size_t codes = 0;
        for (size_t i = 1; i <= 16; i++)
            codes += segment[at + i];
        if ((segment[at] & 0xEC) || codes > 256 || codes > size - at - 17)
            return false;
        at += 17 + codes;
    }
    return at == size && size > 0;
}

static bool is_quantization_table(const uint8_t *segment, size_t size)
{
    size_t at = 0;
    while (at < size) {
        size_t table = segment[at] >> 4 ? 129 : 65;
        if ((segment[at] & 0xEC) || table > size - at)
            return false;
        at += table;
    }
    return at > 0;
}

static bool is_scan_header(const uint8_t *segment, size_t size)
{
    return size > 0 && segment[0] >= 1 && segment[0] <= 4 && size == 4 + 2 * (size_t)segment[0];
}

/* Whether the marker found among entropy-coded data, whose length field is at `at`, is a real one.
 */
static bool is_segment(const struct walk *w, uint8_t code, size_t at)
{
    size_t length = segment_length(w, at);
    if (!length)
        return false;
    const uint8_t *segment = w->data + at + 2;
    size_t size = length - 2, next = at + length;
    if (code == MARKER_SOS)
        return is_scan_header(segment, size);
    if (w->size - next < 2 || w->data[next] != 0xFF || w->data[next + 1] < MARKER_SOF0)
        return false;
    if (code == MARKER_DHT)
        return is_huffman_table(segment, size);
    if (code == MARKER_DQT)
        return is_quantization_table(segment, size);
    if (code == MARKER_DNL || code == MARKER_DRI)
        return size == 2;
    return code == MARKER_DAC || code == MARKER_COM ||
           (code >= MARKER_APP0 && code <= MARKER_APP15);
}

/* Tables and scan headers are short: one that extends past the end of the file is the last part of
 * it. */
static bool is_cut_segment(const struct walk *w, uint8_t code, size_t at)
{
    size_t left = w->size - at;
    bool is_short = code == MARKER_DHT || code == MARKER_DQT || code == MARKER_SOS ||
                    code == MARKER_DRI || code == MARKER_DAC;
    return is_short &&
           (left < 2 || (w->data[at] < 3 && (size_t)(w->data[at] << 8 | w->data[at + 1]) > left));
}

static bool is_restart(const struct walk *w, uint8_t code)
{
    return w->restarts && code >= MARKER_RST0 && code <= MARKER_RST7;
}

/* Whether an end marker is followed by more of the same picture: entropy-coded data, and then
 * another end marker. Data that programs append to a picture does not have this form. */
static bool is_end_doubtful(const struct walk *w, size_t at)
{
    size_t next = at;
    if (at < w->size && w->data[at] == 0xFF)
        return false;
    while ((next = find_marker(w->data, w->size, next)) < w->size) {
        uint8_t code = w->data[next++];
        if (code == MARKER_EOI)
            return true;
        if (code == MARKER_SOI || (!is_restart(w, code) && is_segment(w, code, next)))
            return false;
    }
    return false;
}

/* Turns the marker into a byte of entropy-coded data. */
static void blank_marker(struct walk *w, size_t code_at)
{
    if (w->mend)
        w->mend[code_at] = 0;
}

/* ---- segments ---- */

/* Each component has h x v of the largest h x v; unreadable factors count as full resolution. */
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

static void read_frame(struct walk *w, const uint8_t *segment, size_t size)
{
    struct jpeg_outline *outline = w->outline;
    if (size < 6 || outline->width)
        return;
    outline->height = segment[1] << 8 | segment[2];
    outline->width = segment[3] << 8 | segment[4];
    outline->components = segment[5];
    w->height_at = (size_t)(segment + 1 - w->data);
    outline->samples = count_samples(segment, size, outline);
}

/* Reads the number of lines, if the frame header had none. */
static void read_lines(struct walk *w, const uint8_t *segment, size_t size)
{
    struct jpeg_outline *outline = w->outline;
    if (size != 2 || !w->height_at || outline->height)
        return;
    outline->height = segment[0] << 8 | segment[1];
    outline->height_at_end = true;
    outline->samples =
        (uint64_t)outline->width * (uint64_t)outline->height * (unsigned)outline->components;
    if (w->mend)
        memcpy(w->mend + w->height_at, segment, 2);
}

static void read_segment(struct walk *w, uint8_t code, const uint8_t *segment, size_t size)
{
    struct jpeg_outline *outline = w->outline;
    if (is_frame(code)) {
        read_frame(w, segment, size);
        outline->progressive |= (code & 3) == 2; /* SOF2, 6, 10, 14 */
    } else if (code == MARKER_SOS) {
        outline->scans++;
    } else if (code == MARKER_DNL) {
        read_lines(w, segment, size);
    } else if (code == MARKER_DRI && size == 2) {
        w->restarts = segment[0] || segment[1];
    }
}

/* True at a real end marker. */
static bool accept_end(struct walk *w, size_t code_at)
{
    bool doubtful = w->outline->scans && is_end_doubtful(w, code_at + 1);
    if (doubtful && w->skip_ends) {
        blank_marker(w, code_at);
        return false;
    }
    w->outline->doubtful_end = doubtful;
    w->outline->ended = true;
    return true;
}

static void walk_markers(struct walk *w)
{
    size_t at = 0;
    while ((at = find_marker(w->data, w->size, at)) < w->size) {
        uint8_t code = w->data[at++];
        bool in_data = w->outline->scans > 0;
        if (code == MARKER_EOI) {
            if (accept_end(w, at - 1))
                return;
            continue;
        }
        if (in_data ? is_restart(w, code) : stands_alone(code))
            continue;
        if (in_data && !is_segment(w, code, at)) {
            w->outline->strays++;
            w->outline->cut_segment |= is_cut_segment(w, code, at);
            blank_marker(w, at - 1);
            continue;
        }
        size_t length = segment_length(w, at);
        if (!length)
            return;
        read_segment(w, code, w->data + at + 2, length - 2);
        at += length;
    }
}

void jpeg_outline_read(const uint8_t *data, size_t size, bool skip_ends,
                       struct jpeg_outline *ret_outline)
{
    struct jpeg_outline outline = {0};
    struct walk walk = {.data = data, .size = size, .skip_ends = skip_ends, .outline = &outline};
    walk_markers(&walk);
    *ret_outline = outline;
}

void jpeg_outline_mend(uint8_t *data, size_t size, bool skip_ends)
{
    struct jpeg_outline outline = {0};
    struct walk walk = {
        .data = data, .size = size, .mend = data, .skip_ends = skip_ends, .outline = &outline};
    walk_markers(&walk);
}
