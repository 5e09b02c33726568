/* SPDX-License-Identifier: MIT */
/* The boxes of a HEIF or AVIF file (ISO 14496-12; ISO 23008-12), as far as must be known beside
 * libheif: which items there are, what refers to what, the properties of an item. Everything points
 * into the file's bytes, which must outlive it, and is foreign: any value may stand anywhere. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEIF_ITEMS_MOST 20000 /* libheif reads no more either */

struct heif_span {
    const uint8_t *data;
    size_t size;
};

struct heif_box {
    const uint8_t *start; /* of its header */
    const uint8_t *type;  /* four bytes */
    const uint8_t *data;  /* behind the header */
    size_t size;          /* of the data */
};

struct heif_boxes {
    struct heif_span file;
    struct heif_box ftyp, meta, hdlr, pitm, iinf, iloc, iref, iprp, ipco,
        idat; /* start NULL: none */
};

/* A reference: item `from` to `n` others. */
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
/* The box at *at, which moves behind it. False at the end, and where no whole box is. */
bool heif_box_next(struct heif_span boxes, size_t *at, struct heif_box *ret_box);

/* False when it has no meta box. */
bool heif_boxes_read(const uint8_t *data, size_t size, struct heif_boxes *ret_boxes);

/* The item that the file shows; 0: none is named. */
uint32_t heif_primary(const struct heif_boxes *boxes);

/* All items in ascending order of id, at most HEIF_ITEMS_MOST; the caller frees them. */
size_t heif_items(const struct heif_boxes *boxes, struct heif_item **ret_items);
/* NULL: there is none of that id. */
struct heif_item *heif_item_find(struct heif_item *items, size_t n, uint32_t id);

/* The reference at *at of iref, from 0 on. */
bool heif_reference_next(const struct heif_boxes *boxes, size_t *at,
                         struct heif_reference *ret_reference);
uint32_t heif_target(const struct heif_reference *reference, unsigned i);

/* Tells of each item and the number of one of its properties, which count from 1 on in ipco. */
typedef void heif_visit(void *context, uint32_t item, unsigned property);
void heif_associations(const struct heif_boxes *boxes, heif_visit *visit, void *context);

/* The properties of an item in the order in which they are applied; how many there are. */
size_t heif_properties(const struct heif_boxes *boxes, uint32_t id, struct heif_box *ret_properties,
                       size_t most);

/* Up to `most` bytes of an item's data; how many they are. */
size_t heif_item_data(const struct heif_boxes *boxes, uint32_t id, uint8_t *ret_data, size_t most);
