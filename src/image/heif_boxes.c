/* SPDX-License-Identifier: MIT */
/* Parses the boxes of HEIF files. */
#include "image/heif_boxes.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

uint32_t heif_number(const uint8_t *at, unsigned n_bytes)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < n_bytes; i++)
        value = value << 8 | at[i];
    return value;
}

bool heif_box_is(const struct heif_box *box, const char *type)
{
    return memcmp(box->type, type, 4) == 0;
}

bool heif_box_next(struct heif_span boxes, size_t *at, struct heif_box *ret_box)
{
    size_t left = boxes.size - *at;
    if (left < 8 || !boxes.data)
        return false;
    const uint8_t *start = boxes.data + *at;
    uint64_t length = heif_number(start, 4), header = 8;
    if (length == 1 && left >= 16) { /* 64 bits after the type */
        length = (uint64_t)heif_number(start + 8, 4) << 32 | heif_number(start + 12, 4);
        header = 16;
    }
    if (length == 0) /* to the end of the file */
        length = left;
    if (length < header || length > left)
        return false;
    *ret_box = (struct heif_box){start, start + 4, start + header, (size_t)(length - header)};
    *at += (size_t)length;
    return true;
}

static struct heif_span span_inside(const struct heif_box *box, size_t skip)
{
    return box->start && box->size >= skip ? (struct heif_span){box->data + skip, box->size - skip}
                                           : (struct heif_span){NULL, 0};
}

static void note_box(const struct heif_box *box, const char *type, struct heif_box *ret_box)
{
    if (!ret_box->start && heif_box_is(box, type))
        *ret_box = *box;
}

static void read_meta(struct heif_boxes *b)
{
    struct heif_box box;
    size_t at = 0;
    for (struct heif_span all = span_inside(&b->meta, 4); heif_box_next(all, &at, &box);) {
        note_box(&box, "hdlr", &b->hdlr);
        note_box(&box, "pitm", &b->pitm);
        note_box(&box, "iinf", &b->iinf);
        note_box(&box, "iloc", &b->iloc);
        note_box(&box, "iref", &b->iref);
        note_box(&box, "idat", &b->idat);
        note_box(&box, "iprp", &b->iprp);
    }
    at = 0;
    for (struct heif_span all = span_inside(&b->iprp, 0); heif_box_next(all, &at, &box);)
        note_box(&box, "ipco", &b->ipco);
}

bool heif_boxes_read(const uint8_t *data, size_t size, struct heif_boxes *ret_boxes)
{
    struct heif_boxes b = {.file = {data, size}};
    struct heif_box box;
    for (size_t at = 0; heif_box_next(b.file, &at, &box);) {
        note_box(&box, "ftyp", &b.ftyp);
        note_box(&box, "meta", &b.meta);
    }
    if (!b.meta.start)
        return false;
    read_meta(&b);
    *ret_boxes = b;
    return true;
}

uint32_t heif_primary(const struct heif_boxes *boxes)
{
    struct heif_span pitm = span_inside(&boxes->pitm, 0);
    unsigned n = pitm.size > 0 && pitm.data[0] ? 4 : 2;
    return pitm.size >= 4 + n ? heif_number(pitm.data + 4, n) : 0;
}

/* ---- items ---- */

/* Reads infe of version 2 or 3: id of 2 or 4 bytes, protection, type. */
static bool read_item(const struct heif_box *infe, struct heif_item *ret_item)
{
    if (infe->size < 4 || infe->data[0] < 2)
        return false;
    unsigned n = infe->data[0] == 2 ? 2 : 4;
    if (infe->size < 4 + n + 2 + 4)
        return false;
    ret_item->id = heif_number(infe->data + 4, n);
    memcpy(ret_item->type, infe->data + 4 + n + 2, 4);
    ret_item->box = *infe;
    return true;
}

static int compare_items(const void *a, const void *b)
{
    const struct heif_item *first = a, *second = b;
    if (first->id != second->id)
        return first->id < second->id ? -1 : 1;
    return first->box.start < second->box.start ? -1 : 1;
}

size_t heif_items(const struct heif_boxes *boxes, struct heif_item **ret_items)
{
    struct heif_span iinf = span_inside(&boxes->iinf, 0);
    struct heif_span entries = span_inside(&boxes->iinf, iinf.size > 0 && iinf.data[0] ? 8 : 6);
    struct heif_item *items = xmalloc(HEIF_ITEMS_MOST * sizeof *items);
    struct heif_box box;
    size_t n = 0;
    for (size_t at = 0; n < HEIF_ITEMS_MOST && heif_box_next(entries, &at, &box);)
        n += heif_box_is(&box, "infe") && read_item(&box, &items[n]);
    qsort(items, n, sizeof *items, compare_items);
    *ret_items = items;
    return n;
}

struct heif_item *heif_item_find(struct heif_item *items, size_t n, uint32_t id)
{
    size_t low = 0, high = n; /* binary search for the first with that id */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (items[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && items[low].id == id ? &items[low] : NULL;
}

/* ---- references ---- */

bool heif_reference_next(const struct heif_boxes *boxes, size_t *at,
                         struct heif_reference *ret_reference)
{
    struct heif_span iref = span_inside(&boxes->iref, 4);
    struct heif_box box;
    if (!iref.data || !heif_box_next(iref, at, &box))
        return false;
    unsigned id_bytes = boxes->iref.data[0] ? 4 : 2;
    struct heif_reference r = {.box = box, .id_bytes = id_bytes, .targets = box.data};
    if (box.size >= id_bytes + 2) {
        size_t room = (box.size - id_bytes - 2) / id_bytes;
        unsigned n = heif_number(box.data + id_bytes, 2);
        r.from = heif_number(box.data, id_bytes);
        r.n = n < room ? n : (unsigned)room;
        r.targets = box.data + id_bytes + 2;
    }
    *ret_reference = r;
    return true;
}

uint32_t heif_target(const struct heif_reference *reference, unsigned i)
{
    return heif_number(reference->targets + (size_t)i * reference->id_bytes, reference->id_bytes);
}

/* ---- properties ---- */

/* Reads numbers from a table that states the widths of its fields. */
struct cursor {
    struct heif_span table;
    size_t at;
    bool over;
};

static uint32_t take_number(struct cursor *c, unsigned n_bytes)
{
    if (c->over || n_bytes > c->table.size - c->at) {
        c->over = true;
        return 0;
    }
    uint32_t low = heif_number(c->table.data + c->at + (n_bytes > 4 ? n_bytes - 4 : 0),
                               n_bytes > 4 ? 4 : n_bytes);
    c->at += n_bytes; /* of 64 bits, the low half: files are smaller */
    return low;
}

/* Finds property number `index`, which counts from 1. */
static bool find_property(const struct heif_boxes *boxes, unsigned index, struct heif_box *ret_box)
{
    size_t at = 0;
    while (heif_box_next(span_inside(&boxes->ipco, 0), &at, ret_box))
        if (--index == 0)
            return true;
    return false;
}

static void visit_table(const struct heif_box *ipma, heif_visit *visit, void *context)
{
    struct cursor c = {.table = span_inside(ipma, 0)};
    unsigned id_bytes = take_number(&c, 1) ? 4 : 2;
    unsigned index_bytes = take_number(&c, 3) & 1 ? 2 : 1;
    for (uint32_t items = take_number(&c, 4); items > 0 && !c.over; items--) {
        uint32_t id = take_number(&c, id_bytes);
        for (unsigned n = take_number(&c, 1); n > 0 && !c.over; n--) {
            unsigned index = take_number(&c, index_bytes) & (index_bytes == 2 ? 0x7FFF : 0x7F);
            if (index > 0 && !c.over)
                visit(context, id, index);
        }
    }
}

void heif_associations(const struct heif_boxes *boxes, heif_visit *visit, void *context)
{
    struct heif_box box;
    size_t at = 0;
    for (struct heif_span iprp = span_inside(&boxes->iprp, 0); heif_box_next(iprp, &at, &box);)
        if (heif_box_is(&box, "ipma"))
            visit_table(&box, visit, context);
}

struct properties {
    const struct heif_boxes *boxes;
    uint32_t id;
    struct heif_box *found;
    size_t n, most;
};

static void note_property(void *context, uint32_t item, unsigned property)
{
    struct properties *p = context;
    if (item == p->id && p->n < p->most && find_property(p->boxes, property, &p->found[p->n]))
        p->n++;
}

size_t heif_properties(const struct heif_boxes *boxes, uint32_t id, struct heif_box *ret_properties,
                       size_t most)
{
    struct properties p = {boxes, id, ret_properties, 0, most};
    heif_associations(boxes, note_property, &p);
    return p.n;
}

/* ---- data (iloc: ISO 14496-12, 8.11.3) ---- */

static size_t copy_extent(struct heif_span from, uint32_t offset, uint32_t length, uint8_t *ret,
                          size_t most)
{
    if (!from.data || offset >= from.size)
        return 0;
    size_t left = from.size - offset, n = length && length < left ? length : left;
    n = n < most ? n : most;
    memcpy(ret, from.data + offset, n);
    return n;
}

size_t heif_item_data(const struct heif_boxes *boxes, uint32_t id, uint8_t *ret_data, size_t most)
{
    struct cursor c = {.table = span_inside(&boxes->iloc, 0)};
    unsigned version = take_number(&c, 1), wide = version < 2 ? 2 : 4;
    take_number(&c, 3);
    unsigned widths = take_number(&c, 2);
    unsigned offset_bytes = widths >> 12, length_bytes = widths >> 8 & 15;
    unsigned base_bytes = widths >> 4 & 15, index_bytes = version ? widths & 15 : 0;
    for (uint32_t items = take_number(&c, wide); items > 0 && !c.over; items--) {
        bool wanted = take_number(&c, wide) == id;
        unsigned method = version ? take_number(&c, 2) & 15 : 0;
        take_number(&c, 2); /* data_reference_index */
        uint32_t base = take_number(&c, base_bytes);
        size_t size = 0;
        for (unsigned n = take_number(&c, 2); n > 0 && !c.over; n--) {
            take_number(&c, index_bytes);
            uint32_t offset = take_number(&c, offset_bytes), length = take_number(&c, length_bytes);
            if (wanted && !c.over && method <= 1 && size < most)
                size += copy_extent(method ? span_inside(&boxes->idat, 0) : boxes->file,
                                    base + offset, length, ret_data + size, most - size);
        }
        if (wanted)
            return size;
    }
    return 0;
}
