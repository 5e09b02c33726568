/* SPDX-License-Identifier: MIT */
/* The structure that TIFF files and Exif blocks share, read with bounds checks: a header, and
 * directories of tagged values (TIFF 6.0; BigTIFF, whose offsets have 8 bytes; Exif 2.32 and 3.0).
 *
 *     struct tiff_tags tags;
 *     struct tiff_value value;
 *     size_t place = 0;
 *     if (tiff_tags_open(data, size, &tags))
 *         while (tiff_tags_next(&tags, tags.first, 0x0112, &place, &value)) ...
 *
 * Writers deviate from the standard's types, so callers request values by their meaning: any
 * number type, or a text of digits, is a number; any byte type is a text. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tiff_tags {
    const uint8_t *data;
    size_t size;
    bool big_endian, big;
    uint64_t first; /* offset of the first directory */
};

/* One tagged value: `count` items of `type`, all of them inside the block. */
struct tiff_value {
    unsigned type;
    uint64_t count;
    const uint8_t *data;
    bool big_endian;
};

/* False if the bytes do not begin with either kind of header. */
bool tiff_tags_open(const uint8_t *data, size_t size, struct tiff_tags *ret_tags);

/* Reads the next value of that tag in the directory at `directory` (0: there is none); *place is 0
 * before the first. A tag may occur several times; values of unknown types, without items, or
 * outside of the block are skipped. */
bool tiff_tags_next(const struct tiff_tags *tags, uint64_t directory, unsigned tag, size_t *place,
                    struct tiff_value *ret_value);

/* The size of its items in bytes. */
size_t tiff_value_bytes(const struct tiff_value *value);

/* The item at `index` as a number; for a text, the number at that index in it ("52, 50.5": 52 and
 * 50.5). x / 0 is infinite. False if there is no such item, or it is 0 / 0. */
bool tiff_value_number(const struct tiff_value *value, unsigned index, double *ret_number);

/* The value as text, up to its NUL, without surrounding blanks, as valid UTF-8 without control
 * characters; UTF-16 is recognized by its zero bytes. "" if the type does not hold text. */
void tiff_value_text(const struct tiff_value *value, char *ret_text, size_t size);
