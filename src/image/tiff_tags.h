/* SPDX-License-Identifier: MIT */
/* The structure that TIFF files and Exif blocks share, read within bounds: a header, directories of
 * tagged values (TIFF 6.0; BigTIFF, whose offsets have 8 bytes; Exif 2.32 and 3.0).
 *
 *     struct tiff_tags tags;
 *     struct tiff_value value;
 *     size_t place = 0;
 *     if (tiff_tags_open(data, size, &tags))
 *         while (tiff_tags_next(&tags, tags.first, 0x0112, &place, &value)) ...
 *
 * Writers disagree with the standard about types, so values are asked for by what they are to mean:
 * any of the number types, or a text of digits, is a number; any of the byte types is a text. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tiff_tags {
    const uint8_t *data;
    size_t size;
    bool big_endian, big;
    uint64_t first; /* the offset of the first directory */
};

/* One tagged value: `count` items of `type`, all of them within the block. */
struct tiff_value {
    unsigned type;
    uint64_t count;
    const uint8_t *data;
    bool big_endian;
};

/* False when the bytes do not begin with a header of either kind. */
bool tiff_tags_open(const uint8_t *data, size_t size, struct tiff_tags *ret_tags);

/* The next value of that tag in the directory at `directory` (0: there is none); *place is 0 before
 * the first. A tag may stand there several times; values of unknown types, without items, or
 * outside of the block are passed over. */
bool tiff_tags_next(const struct tiff_tags *tags, uint64_t directory, unsigned tag, size_t *place,
                    struct tiff_value *ret_value);

/* How many bytes its items take. */
size_t tiff_value_bytes(const struct tiff_value *value);

/* The item at `index` as a number; of a text, the number at that index in it ("52, 50.5": 52 and
 * 50.5). x / 0 is infinite. False when there is no such item, or it is 0 / 0. */
bool tiff_value_number(const struct tiff_value *value, unsigned index, double *ret_number);

/* The value as text, up to its NUL, without blanks around it, valid UTF-8 without control
 * characters; UTF-16 is told by its zero bytes. "" when it is not of a type that holds text. */
void tiff_value_text(const struct tiff_value *value, char *ret_text, size_t size);
