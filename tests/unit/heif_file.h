/* SPDX-License-Identifier: MIT */
/* HEIF files put together box by box around a picture that libheif has encoded, so that a test says
 * which items, references and properties stand in them. */
#pragma once

#include "encode.h"
#include "exif_block.h"
#include "image/heif_boxes.h"

#define HEIF_TILES_MOST 1024

struct heif_recipe {
    const char *brand;   /* the only one; NULL: as phones write them */
    bool is_endless;     /* the size of meta is 0: to the end of the file */
    bool has_no_primary; /* no pitm */
    bool is_hidden;      /* the main picture is marked as hidden */
    int columns, rows;   /* a grid of the same picture; 0: the picture itself */
    int width, height;   /* of the grid */
    int gain_map_of;     /* an auxiliary picture that belongs to so many others */
    bool has_tone_map;   /* item 40, of main picture and gain map; metadata refers to it, too */
    bool shows_tone_map; /* it is the main picture */
    bool has_exif;       /* for one picture; for two with a tone map */
    const uint8_t *transforms; /* boxes that are put behind the properties */
    size_t transforms_size;
};

enum { HEIF_MAIN = 1, HEIF_FIRST_TILE = 2, HEIF_GAIN_MAP = 30, HEIF_TONE_MAP = 40, HEIF_EXIF = 50 };

struct heif_maker {
    struct bytes out, data;    /* the file; what goes into idat */
    struct bytes locations;    /* entries of iloc */
    struct bytes infos;        /* infe boxes */
    struct bytes associations; /* of ipma */
    int n_items, n_associated;
};

static inline void heif_put(struct bytes *b, uint64_t value, int n_bytes)
{
    for (int i = n_bytes - 1; i >= 0; i--)
        bytes_add(b, &(uint8_t){(uint8_t)(value >> 8 * i)}, 1);
}

static inline void heif_put_box(struct bytes *b, const char *type, const void *data, size_t size)
{
    heif_put(b, size + 8, 4);
    bytes_add(b, type, 4);
    bytes_add(b, data, size);
}

static inline size_t heif_begin_box(struct bytes *b, const char *type, uint32_t version_flags)
{
    size_t at = b->size;
    heif_put(b, 0, 4);
    bytes_add(b, type, 4);
    heif_put(b, version_flags, 4);
    return at;
}

static inline void heif_end_box(struct bytes *b, size_t at)
{
    for (int i = 0; i < 4; i++)
        b->data[at + (size_t)i] = (uint8_t)((b->size - at) >> (24 - 8 * i));
}

/* `properties`: numbers, from 1 on, as a string. */
static inline void heif_add_item(struct heif_maker *m, int id, const char *type, bool is_hidden,
                                 const void *data, size_t size, const char *properties)
{
    size_t at = heif_begin_box(&m->infos, "infe", 2u << 24 | is_hidden);
    heif_put(&m->infos, (uint64_t)id, 2);
    heif_put(&m->infos, 0, 2);
    bytes_add(&m->infos, type, 4);
    heif_put(&m->infos, 0, 1);
    heif_end_box(&m->infos, at);
    heif_put(&m->locations, (uint64_t)id, 2);
    heif_put(&m->locations, 1, 2); /* in idat */
    heif_put(&m->locations, 0, 2);
    heif_put(&m->locations, 1, 2); /* extent */
    heif_put(&m->locations, m->data.size, 4);
    heif_put(&m->locations, size, 4);
    bytes_add(&m->data, data, size);
    m->n_items++;
    if (!*properties)
        return;
    heif_put(&m->associations, (uint64_t)id, 2);
    heif_put(&m->associations, strlen(properties), 1);
    bytes_add(&m->associations, properties, strlen(properties));
    m->n_associated++;
}

static inline void heif_refer(struct bytes *b, const char *type, int from, int n,
                              const int *targets)
{
    heif_put(b, 12 + 2 * (uint64_t)n, 4);
    bytes_add(b, type, 4);
    heif_put(b, (uint64_t)from, 2);
    heif_put(b, (uint64_t)n, 2);
    for (int i = 0; i < n; i++)
        heif_put(b, (uint64_t)targets[i], 2);
}

static inline void heif_put_references(struct bytes *b, const struct heif_recipe *r)
{
    int tiles[HEIF_TILES_MOST];
    const int both[] = {HEIF_MAIN, HEIF_TONE_MAP}, parts[] = {HEIF_MAIN, HEIF_GAIN_MAP};
    for (int i = 0; i < HEIF_TILES_MOST; i++)
        tiles[i] = HEIF_FIRST_TILE + i % 4; /* few items, used often */
    size_t at = heif_begin_box(b, "iref", 0);
    if (r->columns)
        heif_refer(b, "dimg", HEIF_MAIN, r->columns * r->rows, tiles);
    if (r->gain_map_of)
        heif_refer(b, "auxl", HEIF_GAIN_MAP, r->gain_map_of, both);
    if (r->has_tone_map)
        heif_refer(b, "dimg", HEIF_TONE_MAP, 2, parts);
    if (r->has_exif)
        heif_refer(b, "cdsc", HEIF_EXIF, r->has_tone_map ? 2 : 1, both);
    heif_end_box(b, at);
}

/* Properties: 1 the codec's, 2 the tile's size, 3 the picture's, 4 the kind of a gain map, then the
 * recipe's. */
static inline void heif_put_properties(struct heif_maker *m, const struct heif_recipe *r,
                                       const struct heif_box *codec, int side)
{
    static const char kind[] = "\0\0\0\0urn:com:apple:photo:2020:aux:hdrgainmap";
    struct bytes *b = &m->out, sizes = {0};
    size_t iprp = b->size;
    heif_put(b, 0, 4);
    bytes_add(b, "iprp", 4);
    size_t ipco = b->size;
    heif_put(b, 0, 4);
    bytes_add(b, "ipco", 4);
    bytes_add(b, codec->start, (size_t)(codec->data - codec->start) + codec->size);
    for (int i = 0; i < 2; i++) {
        sizes.size = 0;
        heif_put(&sizes, 0, 4);
        heif_put(&sizes, (uint64_t)(i && r->columns ? r->width : side), 4);
        heif_put(&sizes, (uint64_t)(i && r->columns ? r->height : side), 4);
        heif_put_box(b, "ispe", sizes.data, sizes.size);
    }
    free(sizes.data);
    heif_put_box(b, "auxC", kind, sizeof kind);
    if (r->transforms_size)
        bytes_add(b, r->transforms, r->transforms_size);
    heif_end_box(b, ipco);
    size_t ipma = heif_begin_box(b, "ipma", 0);
    heif_put(b, (uint64_t)m->n_associated, 4);
    bytes_add(b, m->associations.data, m->associations.size);
    heif_end_box(b, ipma);
    heif_end_box(b, iprp);
}

static inline void heif_add_items(struct heif_maker *m, const struct heif_recipe *r,
                                  const struct bytes *coded)
{
    char main_properties[16] = "\3";
    int n = 1;
    for (size_t at = 0; at + 8 <= r->transforms_size; at += r->transforms[at + 3])
        main_properties[n] = (char)(4 + n), n++;
    if (r->columns) {
        const uint8_t grid[] = {0,
                                0,
                                (uint8_t)(r->rows - 1),
                                (uint8_t)(r->columns - 1),
                                (uint8_t)(r->width >> 8),
                                (uint8_t)r->width,
                                (uint8_t)(r->height >> 8),
                                (uint8_t)r->height};
        heif_add_item(m, HEIF_MAIN, "grid", r->is_hidden, grid, sizeof grid, main_properties);
        for (int i = 0; i < 4; i++)
            heif_add_item(m, HEIF_FIRST_TILE + i, "hvc1", true, coded->data, coded->size, "\1\2");
    } else {
        main_properties[n] = 1;
        heif_add_item(m, HEIF_MAIN, "hvc1", r->is_hidden, coded->data, coded->size,
                      main_properties);
    }
    if (r->gain_map_of || r->has_tone_map)
        heif_add_item(m, HEIF_GAIN_MAP, "hvc1", true, coded->data, coded->size, "\1\2\4");
    if (r->has_tone_map)
        heif_add_item(m, HEIF_TONE_MAP, "tmap", false, "\0", 1, "\3");
    if (r->has_exif) {
        struct bytes exif = {0};
        heif_put(&exif, 0, 4);
        bytes_add(&exif, exif_block + 6, EXIF_BLOCK_SIZE - 6);
        heif_add_item(m, HEIF_EXIF, "Exif", false, exif.data, exif.size, "");
        free(exif.data);
    }
}

static inline void heif_put_meta(struct heif_maker *m, const struct heif_recipe *r,
                                 const struct heif_box *codec, int side)
{
    struct bytes *b = &m->out;
    size_t meta = heif_begin_box(b, "meta", 0);
    size_t at = heif_begin_box(b, "hdlr", 0);
    bytes_add(b, "\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0", 21);
    heif_end_box(b, at);
    if (!r->has_no_primary) {
        at = heif_begin_box(b, "pitm", 0);
        heif_put(b, r->shows_tone_map ? HEIF_TONE_MAP : HEIF_MAIN, 2);
        heif_end_box(b, at);
    }
    at = heif_begin_box(b, "iloc", 1u << 24);
    heif_put(b, 0x4400, 2);
    heif_put(b, (uint64_t)m->n_items, 2);
    bytes_add(b, m->locations.data, m->locations.size);
    heif_end_box(b, at);
    at = heif_begin_box(b, "iinf", 0);
    heif_put(b, (uint64_t)m->n_items, 2);
    bytes_add(b, m->infos.data, m->infos.size);
    heif_end_box(b, at);
    heif_put_references(b, r);
    heif_put_properties(m, r, codec, side);
    heif_put_box(b, "idat", m->data.data, m->data.size);
    if (!r->is_endless)
        heif_end_box(b, meta);
}

/* `plain`: of encode_heif, a picture of side x side pixels. */
static inline struct bytes make_heif(const struct bytes *plain, int side,
                                     const struct heif_recipe *r)
{
    struct heif_boxes boxes;
    struct heif_box properties[16], codec = {0};
    struct heif_maker m = {.n_items = 0};
    struct bytes coded = {malloc(plain->size), 0};
    encoder_check(heif_boxes_read(plain->data, plain->size, &boxes), "HEIF");
    size_t n = heif_properties(&boxes, heif_primary(&boxes), properties, 16);
    for (size_t i = 0; i < n; i++)
        codec = heif_box_is(&properties[i], "hvcC") ? properties[i] : codec;
    coded.size = heif_item_data(&boxes, heif_primary(&boxes), coded.data, plain->size);
    encoder_check(codec.start && coded.size, "HEIF");
    heif_put_box(&m.out, "ftyp", r->brand ? r->brand : "heic\0\0\0\0mif1heic", r->brand ? 12 : 16);
    heif_add_items(&m, r, &coded);
    heif_put_meta(&m, r, &codec, side);
    free(coded.data);
    free(m.data.data);
    free(m.locations.data);
    free(m.infos.data);
    free(m.associations.data);
    return m.out;
}
