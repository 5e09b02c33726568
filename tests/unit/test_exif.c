/* SPDX-License-Identifier: MIT */
/* The EXIF reader: a block written by Pillow, the same block damaged in every way, and blocks made
 * here. */
#include "base/text.h"
#include "exif_block.h"
#include "metadata/exif.h"
#include "tap.h"

/* Reads a copy that ends where its memory does: the sanitizer sees a byte read too many. */
static struct metadata read_copy(const void *data, size_t size)
{
    struct metadata exif = {0};
    uint8_t *copy = malloc(size ? size : 1);
    memcpy(copy, data, size);
    exif_add(copy, size, &exif);
    free(copy);
    return exif;
}

/* The block with `size` bytes at `at` replaced. */
static struct metadata read_patched(size_t at, const void *bytes, size_t size)
{
    char block[EXIF_BLOCK_SIZE];
    memcpy(block, exif_block, sizeof block);
    memcpy(block + at, bytes, size);
    return read_copy(block, sizeof block);
}

static bool is_possible(const struct metadata *exif)
{
    return exif->orientation >= 0 && exif->orientation <= 8 && fabs(exif->facts.latitude) <= 90 &&
           fabs(exif->facts.longitude) <= 180 &&
           text_is_utf8(exif->facts.make, strlen(exif->facts.make)) &&
           text_is_utf8(exif->facts.model, strlen(exif->facts.model)) &&
           text_is_utf8(exif->facts.lens, strlen(exif->facts.lens)) &&
           (strlen(exif->facts.taken) == 0 || strlen(exif->facts.taken) == 10 ||
            strlen(exif->facts.taken) == 19 || strlen(exif->facts.taken) == 25);
}

static void test_block(void)
{
    struct metadata exif = read_copy(exif_block, EXIF_BLOCK_SIZE);
    is_int(exif.orientation, 6, "Exif: the orientation is read");
    is_str(exif.facts.taken, "2019-07-04T18:30:05+02:00", "taken, with its zone");
    is_str(exif.facts.make, "Fujifilm", "Exif: the make is read");
    is_str(exif.facts.model, "X-T3", "model, without the blank behind it");
    is_str(exif.facts.lens, "XF 16-80mm ?/4", "Exif: the lens is read");
    ok(exif.facts.has_place && fabs(exif.facts.latitude + 33.858666667) < 1e-8,
       "south is negative");
    ok(exif.facts.has_place && fabs(exif.facts.longitude - 151.211111111) < 1e-8,
       "east is positive");
    exif = read_copy(exif_block + 6, EXIF_BLOCK_SIZE - 6);
    is_int(exif.orientation, 6, "the same without Exif\\0\\0 before it");
}

static void test_dates(void)
{
    static const struct {
        const char *stored, *want;
    } cases[] = {
        {"2020:02:29 23:59:59", "2020-02-29T23:59:59+02:00"},
        {"2019-07-04T18:30:05", "2019-07-04T18:30:05+02:00"},
        {"2019:02:29 10:00:00", ""}, /* impossible: the file's own date */
        {"1900:02:29 10:00:00", ""},
        {"2019:13:01 10:00:00", ""},
        {"2019:00:01 10:00:00", ""},
        {"2019:04:31 10:00:00", ""},
        {"0000:00:00 00:00:00", ""},
        {"    :  :     :  :  ", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct metadata exif = read_patched(EXIF_AT_TAKEN, cases[i].stored, 19);
        is_str(exif.facts.taken, cases[i].want, cases[i].stored);
    }
    is_str(read_patched(EXIF_AT_ZONE, "+15:00", 6).facts.taken, "2019-07-04T18:30:05",
           "no such zone");
    is_str(read_patched(EXIF_AT_ZONE, "-09:30", 6).facts.taken, "2019-07-04T18:30:05-09:30",
           "a half hour");
    is_str(read_patched(EXIF_AT_ZONE, "Z\0    ", 6).facts.taken, "2019-07-04T18:30:05+00:00",
           "a date with Z");
    is_str(read_patched(EXIF_AT_ZONE, "   :  ", 6).facts.taken, "2019-07-04T18:30:05",
           "a blank zone");
}

static void test_values(void)
{
    is_int(read_patched(EXIF_AT_ORIENTATION, "\x09", 1).orientation, 0, "no orientation 9");
    is_int(read_patched(EXIF_AT_ORIENTATION, "\x00", 1).orientation, 0, "no orientation 0");
    is_int(read_patched(EXIF_AT_ORIENTATION, "\x08", 1).orientation, 8, "orientation 8");
    ok(read_patched(EXIF_AT_SOUTH, "n", 1).facts.latitude > 33, "north, in small letters");
    ok(!read_patched(EXIF_AT_SOUTH, "x", 1).facts.has_place, "no such side of the equator");
    ok(!read_patched(EXIF_AT_LATITUDE, "\0\0\0\x5B", 4).facts.has_place, "latitude 91 is none");
    ok(!read_patched(EXIF_AT_LATITUDE + 4, "\0\0\0\0", 4).facts.has_place,
       "a zero denominator is none");
    ok(!read_patched(EXIF_AT_LATITUDE, "\0\0\0\0\0\0\0\0", 8).facts.has_place,
       "nor is 0/0 degrees");
    ok(fabs(read_patched(EXIF_AT_LATITUDE + 8, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16)
                .facts.latitude +
            33) < 1e-9,
       "0/0 minutes and seconds are left out");
    is_str(read_patched(EXIF_AT_MAKE, "\xFF\x1B[\x01", 4).facts.make, "\xEF\xBF\xBD?[?film",
           "text that is not UTF-8 or not printable");
}

static void test_damage(void)
{
    int possible = 0, changed = 0;
    for (size_t size = 0; size < EXIF_BLOCK_SIZE; size++) {
        struct metadata exif = read_copy(exif_block, size);
        possible += is_possible(&exif);
    }
    is_int(possible, EXIF_BLOCK_SIZE, "cut at every length: still possible values");
    possible = 0;
    static const uint8_t bytes[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    for (size_t at = 0; at < EXIF_BLOCK_SIZE; at++)
        for (size_t i = 0; i < sizeof bytes; i++) {
            struct metadata exif = read_patched(at, &bytes[i], 1);
            possible += is_possible(&exif);
            changed += exif.orientation != 6;
        }
    is_int(possible, (long long)(EXIF_BLOCK_SIZE * sizeof bytes), "each byte changed: the same");
    ok(changed > 20, "and some of the changes were felt");
}

static void test_little_endian(void)
{
    /* Two entries: Orientation as LONG 3, and the Exif directory, which is this one again. */
    static const char block[] = "II*\0\x08\0\0\0"
                                "\x02\0"
                                "\x12\x01\x04\0\x01\0\0\0\x03\0\0\0"
                                "\x69\x87\x04\0\x01\0\0\0\x08\0\0\0"
                                "\0\0\0\0";
    struct metadata exif = read_copy(block, sizeof block - 1);
    is_int(exif.orientation, 3, "little-endian, a LONG, a directory within itself");
    static const char many[] = "II*\0\x08\0\0\0\xFF\xFF\x12\x01\x03\0\x01\0\0\0\x05\0\0\0";
    is_int(read_copy(many, sizeof many - 1).orientation, 5, "65535 entries claimed, one there");
    is_int(read_copy("II*\0\xFF\xFF\xFF\xFF", 8).orientation, 0, "a directory beyond the end");
    is_int(read_copy("not exif at all", 15).orientation, 0, "no TIFF header");
    is_int(read_copy("", 0).orientation, 0, "nothing");
}

int main(void)
{
    test_block();
    test_dates();
    test_values();
    test_damage();
    test_little_endian();
    return done_testing();
}
