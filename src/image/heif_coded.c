/* SPDX-License-Identifier: MIT */
/* Reads the true sizes of coded pictures from the AV1 and HEVC headers in a HEIF file. */
#include "image/heif_coded.h"

#include <stdbool.h>
#include <string.h>

#include "base/limits.h"

#define MAX_DEPTH 4       /* of boxes: meta, iprp, ipco, the property */
#define MAX_ITEMS 4096    /* grids of photos have some hundreds */
#define MAX_UNITS 1000000 /* in all items together; a large grid has some thousands */
#define MAX_STEPS \
    10000000 /* through tables, for each source of a derived picture: takes less than a second */
#define SPS_BYTES 128 /* of a sequence parameter set: its size is near the start */

/* Reads bits from the highest down; past the end they are 0 and `over` is set. */
struct bits {
    const uint8_t *data;
    size_t size; /* bytes */
    size_t at;   /* bits */
    bool over;
};

static uint32_t read_bits(struct bits *b, unsigned n)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < n; i++, b->at++) {
        b->over |= b->at / 8 >= b->size;
        value = value << 1 | (b->over ? 0 : b->data[b->at / 8] >> (7 - b->at % 8) & 1u);
    }
    return value;
}

/* Reads unsigned Exp-Golomb, ue(v) of H.265; AV1's uvlc() is the same. */
static uint32_t read_golomb(struct bits *b)
{
    unsigned zeros = 0;
    while (zeros < 31 && !b->over && !read_bits(b, 1))
        zeros++;
    return (1u << zeros) - 1 + read_bits(b, zeros);
}

static uint32_t big_endian(const uint8_t *at, unsigned n)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < n; i++)
        value = value << 8 | at[i];
    return value;
}

/* AV1 5.5.1: the operating points of a header that is not the reduced one for still pictures. */
static void skip_operating_points(struct bits *b)
{
    unsigned delay_bits = 0;
    if (read_bits(b, 1)) { /* timing_info_present_flag */
        b->at += 64;
        if (read_bits(b, 1))
            read_golomb(b);
        if (read_bits(b, 1)) { /* decoder_model_info_present_flag */
            delay_bits = read_bits(b, 5) + 1;
            b->at += 32 + 5 + 5;
        }
    }
    bool display_delay = read_bits(b, 1);
    for (unsigned n = read_bits(b, 5) + 1; n > 0 && !b->over; n--) {
        b->at += 12;
        if (read_bits(b, 5) > 7)
            b->at += 1;
        if (delay_bits && read_bits(b, 1))
            b->at += 2 * delay_bits + 1;
        if (display_delay && read_bits(b, 1))
            b->at += 4;
    }
}

static uint64_t av1_sequence_pixels(const uint8_t *data, size_t size)
{
    struct bits b = {.data = data, .size = size};
    b.at += 3 + 1; /* seq_profile, still_picture */
    if (read_bits(&b, 1))
        b.at += 5; /* reduced_still_picture_header: only a level */
    else
        skip_operating_points(&b);
    unsigned width_bits = read_bits(&b, 4) + 1, height_bits = read_bits(&b, 4) + 1;
    uint64_t width = (uint64_t)read_bits(&b, width_bits) + 1;
    uint64_t height = (uint64_t)read_bits(&b, height_bits) + 1;
    return b.over ? 0 : width * height;
}

struct span {
    const uint8_t *data;
    size_t size;
};

struct file_outline {
    struct span file;
    struct span locations, inside, properties, associations, references; /* iloc, idat, ipco, ipma,
                                                                          * iref */
    int items;        /* so far, of which derived ones consist */
    int units, steps; /* so far: units read, and table entries visited */
    uint64_t most;    /* of the whole file */
    uint64_t here;    /* of the current item or property */
};

static void note_pixels(struct file_outline *f, uint64_t pixels)
{
    f->most = pixels > f->most ? pixels : f->most;
    f->here = pixels > f->here ? pixels : f->here;
}

/* Counts a unit. False if there are too many: such a file is not a photo, and counts as too large.
 */
static bool count_unit(struct file_outline *f)
{
    if (++f->units > MAX_UNITS)
        f->most = UINT64_MAX;
    return f->units <= MAX_UNITS;
}

/* Counts an entry of a table in the same way. */
static bool count_step(struct file_outline *f)
{
    if (++f->steps > MAX_STEPS)
        f->most = UINT64_MAX;
    return f->steps <= MAX_STEPS;
}

/* Reads AV1 5.3: units with a header, and a size in LEB128. */
static void read_av1(struct file_outline *f, const uint8_t *data, size_t size)
{
    for (size_t at = 0; at < size && count_unit(f);) {
        uint8_t header = data[at++];
        uint64_t length = 0;
        bool more = true;
        at += header >> 2 & 1; /* extension */
        if (header & 0x80 || !(header & 2))
            return;
        for (unsigned shift = 0; more && at < size && shift < 35; shift += 7, at++) {
            length |= (uint64_t)(data[at] & 0x7F) << shift;
            more = data[at] & 0x80;
        }
        if (more || length > size - at)
            return;
        if ((header >> 3 & 15) == 1) /* a sequence header */
            note_pixels(f, av1_sequence_pixels(data + at, length));
        at += length;
    }
}

/* Reads H.265 7.3.2.2, starting after the two bytes of the unit's header. */
static uint64_t hevc_sequence_pixels(const uint8_t *unit, size_t size)
{
    uint8_t plain[SPS_BYTES];
    size_t n = 0;
    for (size_t i = 0; i < size && n < SPS_BYTES; i++)
        if (!(i >= 2 && unit[i] == 3 && unit[i - 1] == 0 && unit[i - 2] == 0))
            plain[n++] = unit[i]; /* drops emulation prevention bytes */
    struct bits b = {.data = plain, .size = n, .at = 4};
    unsigned layers = read_bits(&b, 3), present[8] = {0}; /* sps_max_sub_layers_minus1 */
    b.at += 1 + 88 + 8;                                   /* general profile, tier and level */
    for (unsigned i = 0; i < layers; i++)
        present[i] = read_bits(&b, 2);
    b.at += layers ? 2 * (8 - layers) : 0;
    for (unsigned i = 0; i < layers; i++)
        b.at += (present[i] & 2 ? 88 : 0) + (present[i] & 1 ? 8 : 0);
    read_golomb(&b);          /* sps_seq_parameter_set_id */
    if (read_golomb(&b) == 3) /* chroma_format_idc */
        b.at += 1;
    uint64_t width = read_golomb(&b), height = read_golomb(&b);
    return b.over ? 0 : width * height;
}

static void read_hevc_unit(struct file_outline *f, const uint8_t *unit, size_t size)
{
    const unsigned sps = 33;
    if (size > 2 && (unit[0] >> 1 & 63u) == sps)
        note_pixels(f, hevc_sequence_pixels(unit + 2, size - 2));
}

/* Reads units that are preceded by their length in 4 bytes, as in items. */
static void read_hevc(struct file_outline *f, const uint8_t *data, size_t size)
{
    for (size_t at = 0; size - at > 4 && count_unit(f);) {
        size_t length = big_endian(data + at, 4);
        at += 4;
        if (length < 2 || length > size - at)
            return;
        read_hevc_unit(f, data + at, length);
        at += length;
    }
}

/* Reads hvcC: 22 bytes, then arrays of units with their length in 2 bytes (ISO 14496-15, 8.3.3). */
static void read_hevc_configuration(struct file_outline *f, const uint8_t *data, size_t size)
{
    size_t at = 23;
    for (unsigned arrays = size > 23 ? data[22] : 0; arrays > 0 && size - at > 3; arrays--) {
        unsigned units = big_endian(data + at + 1, 2);
        at += 3;
        for (; units > 0 && size - at > 2 && count_unit(f); units--) {
            size_t length = big_endian(data + at, 2);
            at += 2;
            if (length > size - at)
                return;
            read_hevc_unit(f, data + at, length);
            at += length;
        }
    }
}

static void walk_boxes(struct file_outline *f, const uint8_t *data, size_t size, int depth);

static void read_box(struct file_outline *f, const uint8_t *type, const uint8_t *data, size_t size,
                     int depth)
{
    if (memcmp(type, "meta", 4) == 0 && size > 4)
        walk_boxes(f, data + 4, size - 4, depth + 1);
    else if (memcmp(type, "iprp", 4) == 0)
        walk_boxes(f, data, size, depth + 1);
    else if (memcmp(type, "ipco", 4) == 0) {
        f->properties = (struct span){data, size};
        walk_boxes(f, data, size, depth + 1);
    } else if (memcmp(type, "ipma", 4) == 0)
        f->associations = (struct span){data, size};
    else if (memcmp(type, "iloc", 4) == 0)
        f->locations = (struct span){data, size};
    else if (memcmp(type, "idat", 4) == 0)
        f->inside = (struct span){data, size};
    else if (memcmp(type, "iref", 4) == 0)
        f->references = (struct span){data, size};
    else if (memcmp(type, "av1C", 4) == 0 && size > 4)
        read_av1(f, data + 4, size - 4);
    else if (memcmp(type, "hvcC", 4) == 0)
        read_hevc_configuration(f, data, size);
}

struct box {
    const uint8_t *type, *data;
    size_t size; /* of the data */
};

/* Reads the box at *at and moves *at past it. False at the end, or if there is no complete box. */
static bool next_box(const struct span *boxes, size_t *at, struct box *ret_box)
{
    size_t left = boxes->size - *at;
    if (left < 8) /* also in a file without such boxes, whose data is NULL */
        return false;
    const uint8_t *data = boxes->data + *at;
    uint64_t length = big_endian(data, 4), header = 8;
    if (length == 1 && left >= 16) { /* 64 bits after the type */
        length = (uint64_t)big_endian(data + 8, 4) << 32 | big_endian(data + 12, 4);
        header = 16;
    }
    if (length == 0) /* to the end of the file */
        length = left;
    if (length < header || length > left)
        return false;
    *ret_box = (struct box){data + 4, data + header, (size_t)(length - header)};
    *at += (size_t)length;
    return true;
}

static void walk_boxes(struct file_outline *f, const uint8_t *data, size_t size, int depth)
{
    struct span boxes = {data, size};
    struct box box;
    for (size_t at = 0; depth < MAX_DEPTH && next_box(&boxes, &at, &box);)
        read_box(f, box.type, box.data, box.size, depth);
}

static void read_stream(struct file_outline *f, bool inside, uint64_t offset, uint64_t length)
{
    const struct span *whole = inside ? &f->inside : &f->file;
    if (offset >= whole->size)
        return;
    size_t left = whole->size - (size_t)offset;
    size_t size = length && length < left ? (size_t)length : left;
    read_av1(f, whole->data + offset, size);
    read_hevc(f, whole->data + offset, size);
}

/* Reads iloc (ISO 14496-12, 8.11.3), which states the widths of its fields in bytes. Reads the
 * streams of all items, or of one. */
static void read_locations(struct file_outline *f, const uint32_t *only)
{
    struct bits b = {.data = f->locations.data, .size = f->locations.size};
    unsigned version = read_bits(&b, 8);
    b.at += 24;
    unsigned offset_bits = 8 * read_bits(&b, 4), length_bits = 8 * read_bits(&b, 4);
    unsigned base_bits = 8 * read_bits(&b, 4), index_bits = 8 * read_bits(&b, 4);
    unsigned wide = version < 2 ? 16 : 32;
    uint32_t items = read_bits(&b, wide);
    index_bits = version == 0 ? 0 : index_bits;
    for (uint32_t i = 0; i < items && i < MAX_ITEMS && !b.over && count_step(f); i++) {
        uint32_t id = read_bits(&b, wide);
        unsigned method = version == 0 ? 0 : read_bits(&b, 16) & 15;
        b.at += 16;                               /* data_reference_index */
        uint32_t base = read_bits(&b, base_bits); /* of 64 bits, the low half: files are smaller */
        uint32_t extents = read_bits(&b, 16);
        size_t first = b.at;
        b.at += index_bits;
        uint32_t offset = read_bits(&b, offset_bits), length = read_bits(&b, length_bits);
        if (extents > 0 && !b.over && (!only || *only == id))
            read_stream(f, method == 1, (uint64_t)base + offset, length);
        b.at = first + (size_t)extents * (index_bits + offset_bits + length_bits);
    }
}

uint64_t heif_coded_pixels(const uint8_t *data, size_t size)
{
    struct file_outline f = {.file = {data, size}};
    walk_boxes(&f, data, size, 0);
    if (f.locations.size)
        read_locations(&f, NULL);
    return f.most;
}

/* ---- derived pictures ---- */

/* Reads the decoder configuration that is number `index`, from 1, of the properties. */
static void read_property(struct file_outline *f, unsigned index)
{
    struct box box;
    for (size_t at = 0; next_box(&f->properties, &at, &box) && count_step(f);)
        if (--index == 0)
            read_box(f, box.type, box.data, box.size, MAX_DEPTH);
}

/* Reads ipma (ISO 23008-12, 9.3), the properties of each item. */
static void read_properties_of(struct file_outline *f, uint32_t wanted)
{
    struct bits b = {.data = f->associations.data, .size = f->associations.size};
    unsigned id_bits = read_bits(&b, 8) ? 32 : 16;
    unsigned index_bits = read_bits(&b, 24) & 1 ? 15 : 7;
    for (uint32_t items = read_bits(&b, 32); items > 0 && !b.over && count_step(f); items--) {
        uint32_t id = read_bits(&b, id_bits);
        for (unsigned n = read_bits(&b, 8); n > 0 && !b.over; n--) {
            b.at += 1; /* essential */
            unsigned index = read_bits(&b, index_bits);
            if (id == wanted && index > 0)
                read_property(f, index);
        }
    }
}

/* Pixels of one coded picture, or of a typical tile if no header states them. */
static uint64_t coded_item_pixels(struct file_outline *f, uint32_t id)
{
    f->here = 0;
    if (f->associations.size)
        read_properties_of(f, id);
    if (f->locations.size)
        read_locations(f, &id);
    return f->here ? f->here : 512 * 512;
}

static uint64_t sum_sources(struct file_outline *f, const struct box *reference, int depth);

static unsigned id_bytes(const struct file_outline *f)
{
    return f->references.data[0] ? 4 : 2; /* the version of iref */
}

/* Pixels of one item: its own, or those of the items that it is derived from. An item derived from
 * itself, which would make libheif recurse until the stack overflows, counts as too many. */
static uint64_t sum_item(struct file_outline *f, uint32_t id, int depth)
{
    struct span boxes = {f->references.data + 4, f->references.size - 4};
    unsigned n = id_bytes(f);
    struct box box;
    if (depth >= MAX_DEPTH || ++f->items > LIMIT_HEIF_DERIVED_ITEMS) {
        f->most = UINT64_MAX;
        return 0;
    }
    for (size_t at = 0; next_box(&boxes, &at, &box) && count_step(f);)
        if (memcmp(box.type, "dimg", 4) == 0 && box.size > n && big_endian(box.data, n) == id)
            return sum_sources(f, &box, depth + 1);
    return coded_item_pixels(f, id);
}

/* `reference` has the item, the number of its sources, and the sources. If it is shorter than it
 * says, libheif takes what follows for sources, which may be the item itself: too many. */
static uint64_t sum_sources(struct file_outline *f, const struct box *reference, int depth)
{
    unsigned n = id_bytes(f);
    struct bits b = {.data = reference->data, .size = reference->size};
    uint64_t sum = 0;
    b.at += 8 * n;
    for (unsigned count = read_bits(&b, 16);
         count > 0 && !b.over && f->most != UINT64_MAX && count_step(f); count--) {
        uint32_t id = read_bits(&b, 8 * n);
        sum += b.over ? 0 : sum_item(f, id, depth);
    }
    if (b.over)
        f->most = UINT64_MAX;
    return sum;
}

uint64_t heif_derived_pixels(const uint8_t *data, size_t size)
{
    struct file_outline f = {.file = {data, size}};
    walk_boxes(&f, data, size, 0);
    if (f.references.size < 4)
        return 0;
    struct span boxes = {f.references.data + 4, f.references.size - 4};
    struct box box;
    uint64_t sum = 0;
    for (size_t at = 0; next_box(&boxes, &at, &box) && count_step(&f);)
        if (memcmp(box.type, "dimg", 4) == 0)
            sum += sum_sources(&f, &box, 0);
    return f.most == UINT64_MAX ? UINT64_MAX : sum;
}
