/* SPDX-License-Identifier: MIT */
/* The boxes of a HEIF or AVIF file (ISO 14496-12; ISO 23008-12), as far as they are needed besides
 * libheif: the items, the references between them, and the properties of an item. All pointers
 * point into the file's bytes, which must outlive them and are untrusted: any value may occur
 * anywhere. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEIF_ITEMS_MOST 20000 /* libheif has the same limit */

struct heif_span {
    const uint8_t *data;
    size_t size;
};

struct heif_box {
    const uint8_t *start; /* of its header */
    const uint8_t *type;  /* four bytes */
    const uint8_t *data;  /* after the header */
    size_t size;          /* of the data */
};

struct heif_boxes {
    struct heif_span file;
    struct heif_box ftyp, meta, hdlr, pitm, iinf, iloc, iref, iprp, ipco,
        idat; /* start is NULL if the box is missing */
};

/* A reference from item `from` to `n` others. */
struct heif_reference {
    struct heif_box box;
    uint32_t from;
    unsigned n;
    const uint8_t *targets; /* read with heif_target */
    unsigned id_bytes;
};

struct heif_item {
    uint32_t id;
    uint8_t type[4];
    struct heif_box box; /* infe */
};

uint32_t heif_number(const uint8_t *at, unsigned n_bytes); /* big-endian, up to 4 bytes */
bool heif_box_is(const struct heif_box *box, const char *type);
/* Reads the box at *at and moves *at past it. False at the end, or if there is no complete box. */
bool heif_box_next(struct heif_span boxes, size_t *at, struct heif_box *ret_box);

/* False if the file has no meta box. */
bool heif_boxes_read(const uint8_t *data, size_t size, struct heif_boxes *ret_boxes);

/* The item that the file displays; 0: none is named. */
uint32_t heif_primary(const struct heif_boxes *boxes);

/* All items in ascending order of id, at most HEIF_ITEMS_MOST; the caller frees them. */
size_t heif_items(const struct heif_boxes *boxes, struct heif_item **ret_items);
/* NULL if there is no item with that id. */
struct heif_item *heif_item_find(struct heif_item *items, size_t n, uint32_t id);

/* Reads the reference at *at of iref, which starts at 0. */
bool heif_reference_next(const struct heif_boxes *boxes, size_t *at,
                         struct heif_reference *ret_reference);
uint32_t heif_target(const struct heif_reference *reference, unsigned i);

/* Receives an item and the number of one of its properties, which count from 1 in ipco. */
typedef void heif_visit(void *context, uint32_t item, unsigned property);
void heif_associations(const struct heif_boxes *boxes, heif_visit *visit, void *context);

/* Reads the properties of an item in the order in which they are applied; returns their number. */
size_t heif_properties(const struct heif_boxes *boxes, uint32_t id, struct heif_box *ret_properties,
                       size_t most);

/* Reads up to `most` bytes of an item's data; returns their number. */
size_t heif_item_data(const struct heif_boxes *boxes, uint32_t id, uint8_t *ret_data, size_t most);
