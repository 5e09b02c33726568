/* SPDX-License-Identifier: MIT */
/* Makes what a HEIF file's main picture does not need unknown to libheif. */
#include "image/heif_mend.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/heif_boxes.h"

#define UNKNOWN "free" /* a box that every reader passes over */
#define PROPERTIES_MOST 64
#define PROPERTY_NUMBERS 32768
#define LOOKS_MOST 1000 /* at the kinds of auxiliary pictures */
#define ROUNDS_MOST 8   /* pictures made of pictures made of ... */

struct mend {
    uint8_t *copy;
    struct heif_boxes boxes; /* of the copy */
    struct heif_item *items;
    size_t n;
    bool *is_needed; /* as items */
    uint32_t primary;
    int looks;
};

/* The copy's bytes, which the boxes know as constant. */
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

/* libheif wants one of these among the compatible brands; they say no more than that items follow
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

/* A size of 0, "to the end of the file", is stated. */
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

/* A file that names no main picture, as sequences may, has the first one for it. The box that calls
 * the items pictures is as long, and libheif does without it. */
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

/* pitm has ids of its own width. */
static void put_primary(const struct mend *m)
{
    const struct heif_box *pitm = &m->boxes.pitm;
    put_number(writable_bytes(m, pitm->data + 4), m->primary, pitm->data[0] ? 4 : 2);
}

/* A tone map is two pictures; the first one is that for screens like all others. */
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

/* What this reference is for: the sources of needed pictures, and what belongs to the main picture
 * alone. References to more than one are what libheif refuses. */
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

/* Round by round, for what is needed needs others. */
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

/* What is needed is no longer hidden: libheif gives only such items. */
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
    bool *is_used; /* by number */
};

static void note_used(void *context, uint32_t item, unsigned property)
{
    struct used *used = context;
    if (needs_item(used->mend, item))
        used->is_used[property] = true;
}

/* Properties of nothing but items that are not needed. */
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
