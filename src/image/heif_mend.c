/* SPDX-License-Identifier: MIT */
/* Hides from libheif the parts of a HEIF file that its main picture does not need. */
#include "image/heif_mend.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/heif_boxes.h"

#define UNKNOWN "free" /* a box that every reader skips */
#define PROPERTIES_MOST 64
#define PROPERTY_NUMBERS 32768
#define LOOKS_MOST 1000 /* limit on examined kinds of auxiliary pictures */
#define ROUNDS_MOST 8   /* limit on the nesting of derived pictures */

struct mend {
    uint8_t *copy;
    struct heif_boxes boxes; /* of the copy */
    struct heif_item *items;
    size_t n;
    bool *is_needed; /* parallel to items */
    uint32_t primary;
    int looks;
};

/* Returns the copy's bytes as writable; the boxes have them as const. */
static uint8_t *writable_bytes(const struct mend *m, const uint8_t *at)
{
    return m->copy + (at - m->copy);
}

static void put_number(uint8_t *at, uint64_t value, unsigned n_bytes)
{
    for (unsigned i = 0; i < n_bytes; i++)
        at[i] = (uint8_t)(value >> 8 * (n_bytes - 1 - i));
}

static void make_unknown(const struct mend *m, const struct heif_box *box)
{
    memcpy(writable_bytes(m, box->type), UNKNOWN, 4);
}

/* libheif requires one of these among the compatible brands; they only state that items follow
 * rules that nearly all files follow. */
static void mend_brands(const struct mend *m)
{
    const struct heif_box *ftyp = &m->boxes.ftyp;
    if (!ftyp->start || ftyp->size < 12)
        return;
    for (size_t at = 8; at + 4 <= ftyp->size; at += 4)
        if (memcmp(ftyp->data + at, "heic", 4) == 0 || memcmp(ftyp->data + at, "heix", 4) == 0 ||
            memcmp(ftyp->data + at, "mif1", 4) == 0 || memcmp(ftyp->data + at, "avif", 4) == 0)
            return;
    memcpy(writable_bytes(m, ftyp->data + 8), "mif1", 4);
}

/* Replaces a size of 0, "to the end of the file", by the actual size. */
static void mend_size(const struct mend *m)
{
    const struct heif_box *meta = &m->boxes.meta;
    size_t whole = (size_t)(meta->data - meta->start) + meta->size;
    if (heif_number(meta->start, 4) == 0 && whole <= UINT32_MAX)
        put_number(writable_bytes(m, meta->start), whole, 4);
}

static bool is_type(const struct heif_item *item, const char *type)
{
    return memcmp(item->type, type, 4) == 0;
}

static void need_item(struct mend *m, uint32_t id)
{
    struct heif_item *item = heif_item_find(m->items, m->n, id);
    if (item)
        m->is_needed[item - m->items] = true;
}

static bool needs_item(const struct mend *m, uint32_t id)
{
    struct heif_item *item = heif_item_find(m->items, m->n, id);
    return item && m->is_needed[item - m->items];
}

/* Makes the first picture the main one in a file that names none, as sequences may. The entry
 * overwrites the box that declares the items as pictures, which is as long, and which libheif does
 * not need. */
static void name_primary(struct mend *m)
{
    struct heif_box *hdlr = &m->boxes.hdlr;
    if (m->boxes.pitm.start || !hdlr->start || hdlr->size < 8 || m->n == 0)
        return;
    memcpy(writable_bytes(m, hdlr->type), "pitm", 4);
    memset(writable_bytes(m, hdlr->data), 0, 8);
    writable_bytes(m, hdlr->data)[0] = 1; /* with 32 bits */
    put_number(writable_bytes(m, hdlr->data + 4), m->items[0].id, 4);
    m->boxes.pitm = *hdlr;
}

/* Writes the main picture into pitm, whose ids have their own width. */
static void put_primary(const struct mend *m)
{
    const struct heif_box *pitm = &m->boxes.pitm;
    put_number(writable_bytes(m, pitm->data + 4), m->primary, pitm->data[0] ? 4 : 2);
}

/* A tone map consists of two pictures; the first one is for standard screens. */
static void choose_primary(struct mend *m)
{
    name_primary(m);
    m->primary = heif_primary(&m->boxes);
    struct heif_item *item = heif_item_find(m->items, m->n, m->primary);
    struct heif_reference r;
    if (!item || !is_type(item, "tmap"))
        return;
    for (size_t at = 0; heif_reference_next(&m->boxes, &at, &r);)
        if (heif_box_is(&r.box, "dimg") && r.from == m->primary && r.n > 0) {
            m->primary = heif_target(&r, 0);
            put_primary(m);
            return;
        }
}

static bool is_alpha(struct mend *m, uint32_t id)
{
    static const char *const names[] = {"urn:mpeg:avc:2015:auxid:1", "urn:mpeg:hevc:2015:auxid:1",
                                        "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"};
    struct heif_box properties[PROPERTIES_MOST];
    size_t n =
        ++m->looks > LOOKS_MOST ? 0 : heif_properties(&m->boxes, id, properties, PROPERTIES_MOST);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            size_t length = strlen(names[k]) + 1;
            if (heif_box_is(&properties[i], "auxC") && properties[i].size >= 4 + length &&
                memcmp(properties[i].data + 4, names[k], length) == 0)
                return true;
        }
    return false;
}

/* Whether to keep this reference: one to the sources of needed pictures, or one that belongs to
 * the main picture alone. libheif refuses references to more than one. */
static bool is_of_use(struct mend *m, const struct heif_reference *r)
{
    if (heif_box_is(&r->box, "dimg"))
        return needs_item(m, r->from);
    if (heif_box_is(&r->box, "prem"))
        return r->from == m->primary;
    if (r->n != 1 || heif_target(r, 0) != m->primary || r->from == m->primary)
        return false;
    struct heif_item *from = heif_item_find(m->items, m->n, r->from);
    return from && ((heif_box_is(&r->box, "auxl") && is_alpha(m, r->from)) ||
                    heif_box_is(&r->box, "thmb") ||
                    (heif_box_is(&r->box, "cdsc") && is_type(from, "Exif")));
}

/* Repeats until nothing is added, because a needed item may need others. */
static void find_needed(struct mend *m)
{
    struct heif_reference r;
    need_item(m, m->primary);
    for (int round = 0; round < ROUNDS_MOST; round++)
        for (size_t at = 0; heif_reference_next(&m->boxes, &at, &r);) {
            if (!is_of_use(m, &r))
                continue;
            need_item(m, r.from);
            for (unsigned i = 0; i < r.n && heif_box_is(&r.box, "dimg"); i++)
                need_item(m, heif_target(&r, i));
        }
}

static void hide_references(struct mend *m)
{
    struct heif_reference r;
    for (size_t at = 0; heif_reference_next(&m->boxes, &at, &r);)
        if (!is_of_use(m, &r) || !needs_item(m, r.from))
            make_unknown(m, &r.box);
}

/* Unhides the needed items, because libheif returns only visible ones, and makes the others
 * unknown. */
static void hide_items(const struct mend *m)
{
    for (size_t i = 0; i < m->n; i++) {
        const struct heif_box *infe = &m->items[i].box;
        if (m->is_needed[i])
            writable_bytes(m, infe->data)[3] &= 0xFE;
        else
            make_unknown(m, infe);
    }
}

struct used {
    const struct mend *mend;
    bool *is_used; /* indexed by number */
};

static void note_used(void *context, uint32_t item, unsigned property)
{
    struct used *used = context;
    if (needs_item(used->mend, item))
        used->is_used[property] = true;
}

/* Hides properties that belong only to items that are not needed. */
static void hide_properties(const struct mend *m)
{
    AUTO_FREE bool *is_used = xcalloc(PROPERTY_NUMBERS, sizeof *is_used);
    struct used used = {m, is_used};
    struct heif_span ipco = {m->boxes.ipco.data, m->boxes.ipco.size};
    struct heif_box box;
    heif_associations(&m->boxes, note_used, &used);
    unsigned number = 1;
    for (size_t at = 0; number < PROPERTY_NUMBERS && heif_box_next(ipco, &at, &box); number++)
        if (!is_used[number])
            make_unknown(m, &box);
}

uint8_t *heif_mend(const uint8_t *data, size_t size)
{
    struct mend m = {.copy = xmalloc(size)};
    memcpy(m.copy, data, size);
    if (!heif_boxes_read(m.copy, size, &m.boxes)) {
        free(m.copy);
        return NULL;
    }
    mend_brands(&m);
    mend_size(&m);
    m.n = heif_items(&m.boxes, &m.items);
    m.is_needed = xcalloc(m.n + 1, sizeof *m.is_needed);
    choose_primary(&m);
    if (heif_item_find(m.items, m.n, m.primary)) {
        find_needed(&m);
        hide_references(&m);
        hide_properties(&m);
        hide_items(&m);
    }
    free(m.items);
    free(m.is_needed);
    return m.copy;
}
