/* SPDX-License-Identifier: MIT */
/* Exif blocks made to measure, in either order of bytes, classic or BigTIFF:
 *
 *     struct exif_maker maker = {.big_endian = true};
 *     exif_put(&maker, EXIF_MADE_FIRST, 0x0112, 8, 1, "\x00\x06", 2);
 *     size_t size = exif_make(&maker, block);
 *
 * Values are given as they lie in the file. The pointers to the Exif and GPS directories are made
 * with the type `pointer_type` (0: LONG) where those have entries. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { EXIF_MADE_FIRST, EXIF_MADE_EXIF, EXIF_MADE_GPS, EXIF_MADE_DIRECTORIES };

#define EXIF_MADE_BYTES 8192

struct exif_made_entry {
    int directory;
    unsigned tag, type;
    uint32_t count;
    uint8_t data[64];
    size_t size;
};

struct exif_maker {
    bool big_endian, big;
    unsigned pointer_type;
    struct exif_made_entry entries[32];
    int n;
};

__attribute__((unused)) static void exif_put(struct exif_maker *maker, int directory, unsigned tag,
                                             unsigned type, uint32_t count, const void *data,
                                             size_t size)
{
    struct exif_made_entry *entry = &maker->entries[maker->n++];
    *entry = (struct exif_made_entry){directory, tag, type, count, {0}, size};
    memcpy(entry->data, data, size);
}

__attribute__((unused)) static void exif_put_text(struct exif_maker *maker, int directory,
                                                  unsigned tag, const char *text)
{
    exif_put(maker, directory, tag, 2, (uint32_t)strlen(text) + 1, text, strlen(text) + 1);
}

__attribute__((unused)) static void exif_write(const struct exif_maker *maker, uint8_t *at,
                                               uint64_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[maker->big_endian ? bytes - 1 - i : i] = (uint8_t)(number >> 8 * i);
}

__attribute__((unused)) static size_t exif_count_entries(const struct exif_maker *maker,
                                                         int directory)
{
    size_t n = 0;
    for (int i = 0; i < maker->n; i++)
        n += maker->entries[i].directory == directory;
    return n;
}

__attribute__((unused)) static uint8_t *exif_write_entry(const struct exif_maker *maker,
                                                         uint8_t *block, uint8_t *at,
                                                         const struct exif_made_entry *entry,
                                                         size_t *values)
{
    size_t word = maker->big ? 8 : 4;
    exif_write(maker, at, entry->tag, 2);
    exif_write(maker, at + 2, entry->type, 2);
    exif_write(maker, at + 4, entry->count, word);
    if (entry->size <= word) {
        memcpy(at + 4 + word, entry->data, entry->size);
    } else {
        exif_write(maker, at + 4 + word, *values, word);
        memcpy(block + *values, entry->data, entry->size);
        *values += entry->size;
    }
    return at + 4 + 2 * word;
}

/* The size of the block, which has room for EXIF_MADE_BYTES. */
__attribute__((unused)) static size_t exif_make(const struct exif_maker *given, uint8_t *block)
{
    struct exif_maker maker = *given;
    size_t word = maker.big ? 8 : 4, head = maker.big ? 8 : 2, step = maker.big ? 1024 : 512;
    size_t starts[EXIF_MADE_DIRECTORIES], values = 4 * step;
    memset(block, 0, EXIF_MADE_BYTES);
    memcpy(block, maker.big_endian ? "MM" : "II", 2);
    exif_write(&maker, block + 2, maker.big ? 43 : 42, 2);
    if (maker.big)
        exif_write(&maker, block + 4, 8, 2);
    for (int d = 0; d < EXIF_MADE_DIRECTORIES; d++)
        starts[d] = 16 + (size_t)d * step;
    exif_write(&maker, block + (maker.big ? 8 : 4), starts[0], word);
    for (int d = 1; d < EXIF_MADE_DIRECTORIES; d++) {
        uint8_t pointer[8];
        exif_write(&maker, pointer, starts[d], word);
        unsigned type = maker.pointer_type ? maker.pointer_type : maker.big ? 16 : 4;
        if (exif_count_entries(&maker, d))
            exif_put(&maker, EXIF_MADE_FIRST, d == EXIF_MADE_EXIF ? 0x8769 : 0x8825, type, 1,
                     pointer, word);
    }
    for (int d = 0; d < EXIF_MADE_DIRECTORIES; d++) {
        exif_write(&maker, block + starts[d], exif_count_entries(&maker, d), head);
        uint8_t *at = block + starts[d] + head;
        for (int i = 0; i < maker.n; i++)
            if (maker.entries[i].directory == d)
                at = exif_write_entry(&maker, block, at, &maker.entries[i], &values);
    }
    return values;
}
