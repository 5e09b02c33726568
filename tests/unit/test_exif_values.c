/* SPDX-License-Identifier: MIT */
/* EXIF as it is written in the wild: every type, both directories, tags that stand twice, several
 * blocks, blocks in texts; and dates in every spelling. */
#include <math.h>
#include <zlib.h>

#include "base/memory.h"
#include "exif_make.h"
#include "image/jpeg_facts.h"
#include "image/png_facts.h"
#include "metadata/exif.h"
#include "metadata/exif_date.h"
#include "tap.h"

#define MAKE 0x010F
#define MODEL 0x0110
#define ORIENTATION 0x0112
#define SOFTWARE 0x0131
#define CHANGED 0x0132
#define TAKEN 0x9003
#define DIGITIZED 0x9004
#define LENS 0xA434

static struct metadata read_made(const struct exif_maker *maker)
{
    uint8_t block[EXIF_MADE_BYTES];
    struct metadata exif = {0};
    exif_add(block, exif_make(maker, block), &exif);
    return exif;
}

/* A number in the order of bytes of the block. */
static void put_number(struct exif_maker *maker, int directory, unsigned tag, unsigned type,
                       uint64_t number, size_t bytes)
{
    uint8_t data[8];
    exif_write(maker, data, number, bytes);
    exif_put(maker, directory, tag, type, 1, data, bytes);
}

/* BYTE, SHORT, LONG, SBYTE, UNDEFINED, SSHORT, SLONG, IFD, LONG8, SLONG8. */
static void test_integers(void)
{
    static const struct {
        unsigned type;
        size_t bytes;
    } types[] = {{1, 1}, {3, 2}, {4, 4}, {6, 1}, {7, 1}, {8, 2}, {9, 4}, {13, 4}, {16, 8}, {17, 8}};
    for (int form = 0; form < 4; form++)
        for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
            struct exif_maker maker = {.big_endian = form & 1, .big = form & 2};
            put_number(&maker, EXIF_MADE_FIRST, ORIENTATION, types[i].type, 6, types[i].bytes);
            ok(read_made(&maker).orientation == 6, "orientation of type %u, %s, %s", types[i].type,
               maker.big_endian ? "high byte first" : "low byte first",
               maker.big ? "BigTIFF" : "classic");
        }
    struct exif_maker text = {0};
    exif_put_text(&text, EXIF_MADE_FIRST, ORIENTATION, "6");
    is_int(read_made(&text).orientation, 6, "a number as text");
    struct exif_maker fraction = {0};
    exif_put(&fraction, EXIF_MADE_FIRST, ORIENTATION, 5, 1, "\x0c\0\0\0\x02\0\0\0", 8);
    is_int(read_made(&fraction).orientation, 6, "a fraction that is a whole number");
    struct exif_maker negative = {0};
    put_number(&negative, EXIF_MADE_FIRST, ORIENTATION, 8, 0xFFFF, 2);
    is_int(read_made(&negative).orientation, 0, "-1 is none");
}

/* A height with its reference: 0 above the sea, 1 below it, as byte, text and signed number. */
static void test_altitude(void)
{
    static const struct {
        const char *reference;
        unsigned type;
        const char *height; /* a fraction in little-endian order */
        unsigned height_type;
        double want;
    } cases[] = {
        {"\x00", 1, "\x69\x01\0\0\x02\0\0\0", 5, 180.5},
        {"\x01", 1, "\x69\x01\0\0\x02\0\0\0", 5, -180.5},
        {"\x03", 1, "\x69\x01\0\0\x02\0\0\0", 5, -180.5},
        {"1", 2, "\x69\x01\0\0\x02\0\0\0", 5, -180.5},
        {NULL, 1, "\xfe\xff\xff\xff\x01\0\0\0", 10, -2},
        {"\x00", 1, "\0\0\0\0\0\0\0\0", 5, 0},
        {"\x00", 1, "\xff\xff\xff\xff\x01\0\0\0", 5, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct exif_maker maker = {0};
        if (cases[i].reference)
            exif_put(&maker, EXIF_MADE_GPS, 5, cases[i].type, 1, cases[i].reference, 1);
        exif_put(&maker, EXIF_MADE_GPS, 6, cases[i].height_type, 1, cases[i].height, 8);
        ok(fabs(read_made(&maker).facts.altitude - cases[i].want) < 1e-9, "altitude %g (%zu)",
           cases[i].want, i);
    }
}

static void test_directories(void)
{
    struct exif_maker maker = {.pointer_type = 13};
    exif_put_text(&maker, EXIF_MADE_FIRST, MAKE, "");
    exif_put_text(&maker, EXIF_MADE_EXIF, MAKE, "HTC");
    exif_put_text(&maker, EXIF_MADE_EXIF, MODEL, "One");
    exif_put_text(&maker, EXIF_MADE_EXIF, SOFTWARE, "Firmware 1.2");
    exif_put_text(&maker, EXIF_MADE_FIRST, LENS, "50 mm");
    exif_put_text(&maker, EXIF_MADE_FIRST, TAKEN, "2017:07:17 17:17:17");
    exif_put(&maker, EXIF_MADE_EXIF, ORIENTATION, 3, 1, "\x08\0", 2);
    struct metadata exif = read_made(&maker);
    is_str(exif.facts.make, "HTC", "make in the Exif directory, an empty one in the first");
    is_str(exif.facts.model, "One",
           "model in the Exif directory, which a value of type IFD points to");
    is_str(exif.facts.software, "Firmware 1.2", "software in the Exif directory");
    is_str(exif.facts.lens, "50 mm", "lens in the first directory");
    is_str(exif.facts.taken, "2017-07-17T17:17:17", "date in the first directory");
    is_int(exif.orientation, 8, "orientation in the Exif directory");

    struct exif_maker twice = {.big_endian = true};
    exif_put(&twice, EXIF_MADE_FIRST, ORIENTATION, 3, 1, "\0\0", 2);
    exif_put(&twice, EXIF_MADE_FIRST, ORIENTATION, 3, 1, "\0\x06", 2);
    exif_put(&twice, EXIF_MADE_FIRST, ORIENTATION, 3, 1, "\0\x03", 2);
    exif_put_text(&twice, EXIF_MADE_EXIF, TAKEN, "0000:00:00 00:00:00");
    exif_put_text(&twice, EXIF_MADE_EXIF, TAKEN, "2018:01:02 03:04:05");
    exif = read_made(&twice);
    is_int(exif.orientation, 6, "the first possible of three orientations");
    is_str(exif.facts.taken, "2018-01-02T03:04:05", "the first possible of two dates");
}

static void test_texts(void)
{
    static const struct {
        unsigned type;
        const char *data;
        size_t size;
        const char *want, *name;
    } cases[] = {
        {129, "Nokia-\xC3\xA9", 9, "Nokia-\xC3\xA9", "UTF-8 of Exif 3.0"},
        {7, "Nokia\0", 6, "Nokia", "UNDEFINED"},
        {1, "Nokia\0", 6, "Nokia", "BYTE"},
        {2, "N\0i\0k\0o\0n\0\0\0", 12, "Nikon", "UTF-16, low byte first"},
        {1, "N\0i\0k\0o\0n\0\0", 11, "Nikon", "UTF-16, and half of its last character"},
        {2, "\0N\0i\0k\0o\0n", 10, "Nikon", "UTF-16, high byte first"},
        {2, "\xFF\xFEN\0\xE9\0\x2C\x67", 8, "N\xC3\xA9\xE6\x9C\xAC", "UTF-16 with its mark"},
        {2, "A\0", 2, "A", "one letter"},
        {2, "A\0B\0", 4, "A", "what is behind the first NUL is no part of it"},
        {3, "N\0i\0k\0o\0n\0\0\0", 12, "", "numbers are no text"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct exif_maker maker = {0};
        uint32_t count = (uint32_t)cases[i].size / (cases[i].type == 3 ? 2 : 1);
        exif_put(&maker, EXIF_MADE_FIRST, MAKE, cases[i].type, count, cases[i].data, cases[i].size);
        is_str(read_made(&maker).facts.make, cases[i].want, cases[i].name);
    }
}

static void put_degrees(struct exif_maker *maker, unsigned tag, unsigned type, const int parts[3])
{
    uint8_t data[24];
    for (int i = 0; i < 3; i++) {
        exif_write(maker, data + 8 * i, (uint32_t)parts[i], 4);
        exif_write(maker, data + 8 * i + 4, 10, 4);
    }
    exif_put(maker, EXIF_MADE_GPS, tag, type, 3, data, sizeof data);
}

static bool is_place(const struct metadata *exif, double latitude, double longitude)
{
    return exif->facts.has_place && fabs(exif->facts.latitude - latitude) < 1e-6 &&
           fabs(exif->facts.longitude - longitude) < 1e-6;
}

/* 37 deg 30' 36", 122 deg 15' 18" in all the ways. */
static void test_places(void)
{
    static const double latitude = 37.51, longitude = 122.255;
    struct exif_maker maker = {.big_endian = true};
    exif_put_text(&maker, EXIF_MADE_GPS, 1, "N");
    put_degrees(&maker, 2, 10, (const int[]){370, 300, 360});
    exif_put_text(&maker, EXIF_MADE_GPS, 3, "W");
    put_degrees(&maker, 4, 10, (const int[]){-1220, -150, -180});
    struct metadata exif = read_made(&maker);
    ok(is_place(&exif, latitude, -longitude), "signed fractions, west and negative at once");

    struct exif_maker bare = {0};
    put_degrees(&bare, 2, 10, (const int[]){-370, 300, 360});
    put_degrees(&bare, 4, 10, (const int[]){-1220, 150, 180});
    exif = read_made(&bare);
    ok(is_place(&exif, -latitude, -longitude), "no letters, but signs");
    struct exif_maker vague = {0};
    put_degrees(&vague, 2, 5, (const int[]){370, 300, 360});
    put_degrees(&vague, 4, 5, (const int[]){1220, 150, 180});
    ok(!read_made(&vague).facts.has_place, "neither letters nor signs: no place");

    static const char *const texts[][2] = {{"37.51", "122.255"},
                                           {"37,30,36", "122,15,18"},
                                           {"37 deg 30' 36.0\"", "122 deg 15' 18.0\""},
                                           {"37/1,30/1,3600/100", "122/1,15/1,1800/100"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct exif_maker text = {.pointer_type = 4};
        exif_put_text(&text, EXIF_MADE_GPS, 1, "s");
        exif_put_text(&text, EXIF_MADE_GPS, 2, texts[i][0]);
        exif_put_text(&text, EXIF_MADE_GPS, 3, "e");
        exif_put_text(&text, EXIF_MADE_GPS, 4, texts[i][1]);
        exif = read_made(&text);
        ok(is_place(&exif, -latitude, longitude), "as text: %s", texts[i][0]);
    }
    double numbers[2] = {latitude, longitude};
    struct exif_maker real = {0};
    exif_put_text(&real, EXIF_MADE_GPS, 1, "N");
    exif_put(&real, EXIF_MADE_GPS, 2, 12, 1, &numbers[0], 8);
    exif_put_text(&real, EXIF_MADE_GPS, 3, "E");
    exif_put(&real, EXIF_MADE_GPS, 4, 12, 1, &numbers[1], 8);
    exif = read_made(&real);
    ok(is_place(&exif, latitude, longitude), "as DOUBLE");
}

static void test_spellings(void)
{
    static const char *const cases[][2] = {
        {"2019:07:04 18:30:00", "2019-07-04T18:30:00"},
        {"2019-07-04T18:30:00.25", "2019-07-04T18:30:00"},
        {"2019/07/04 18:30", "2019-07-04T18:30:00"},
        {"2019:07:04", "2019-07-04"},
        {"2019:07:04   :  :  ", "2019-07-04"},
        {"2019: 7: 4  6:30: 5", "2019-07-04T06:30:05"},
        {"2019:07:04 06:30:00 PM", "2019-07-04T18:30:00"},
        {"2019:07:04 06:30 pm", "2019-07-04T18:30:00"},
        {"2019:07:04 06:30:00 a.m.", "2019-07-04T06:30:00"},
        {"2019:07:04 12:05:00 AM", "2019-07-04T00:05:00"},
        {"2019:07:04 12:05:00 PM", "2019-07-04T12:05:00"},
        {"2019:07:04 18:30:00 PM", "2019-07-04T18:30:00"},
        {"2019:07:04 \xE4\xB8\x8B\xE5\x8D\x88 6:30:00", "2019-07-04T18:30:00"},
        {"2016:12:31 23:59:60", "2016-12-31T23:59:59"},
        {"2019:04:30 24:00:00", "2019-04-30"},
        {"2019:04:30 10:60:00", "2019-04-30"},
        {"2019:07:04 18:30:00+02:00", "2019-07-04T18:30:00+02:00"},
        {"2019:07:04 18:30:00.5 -0930", "2019-07-04T18:30:00-09:30"},
        {"2019:07:04 18:30:00Z", "2019-07-04T18:30:00+00:00"},
        {"2019:07:04 18:30:00+99:00", "2019-07-04T18:30:00"},
        {"2019:07:04 18:30:00 soon", "2019-07-04T18:30:00"},
        {"20190704 183000", "2019-07-04T18:30:00"},
        {"Thu, 4 Jul 2019 18:30:00 +0200", "2019-07-04T18:30:00+02:00"},
        {"4 July 2019 18:30:00 GMT", "2019-07-04T18:30:00+00:00"},
        {"Thu Jul  4 18:30:00 2019", "2019-07-04T18:30:00"},
        {"1904:01:01 00:00:00", "1904-01-01T00:00:00"},
        {"1969:12:31 23:15:10", "1969-12-31T23:15:10"},
        {"1945:05:08 12:30:00", "1945-05-08T12:30:00"},
        {"2106:02:07 06:28:15", "2106-02-07T06:28:15"},
        {"2002:12:08 12:00:01", "2002-12-08T12:00:01"},
        {"2000:01:01 00:00:00", "2000-01-01T00:00:00"},
        /* Dates that are none. */
        {"2002:12:08 12:00:00", NULL},
        {"1970:01:01 00:00:00", NULL},
        {"1970:01:01 01:00:00+01:00", NULL},
        {"1969:12:31 16:00:00", NULL},
        {"1980:01:01 00:03:12", NULL},
        {"1980:01:01", NULL},
        {"0001:01:01 00:00:00", NULL},
        {"0000:00:00 00:00:00", NULL},
        {"1601:01:01 00:00:00", NULL},
        {"2019:02:29 10:00:00", NULL},
        {"2019:00:00", NULL},
        {"    :  :     :  :  ", NULL},
        {"today", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char date[32] = "";
        bool is_date = exif_date_parse(cases[i][0], date);
        is_str(is_date ? date : NULL, cases[i][1], cases[i][0]);
    }
}

/* What is most trusted wins, wherever it stands. */
static void test_sources(void)
{
    struct exif_maker maker = {0};
    exif_put_text(&maker, EXIF_MADE_FIRST, CHANGED, "2020:02:02 02:02:02");
    is_str(read_made(&maker).facts.taken, "",
           "the date of the last change is not when the photo was taken");
    exif_put_text(&maker, EXIF_MADE_GPS, 29, "2015:05:05");
    is_str(read_made(&maker).facts.taken, "2015-05-05",
           "before it a day of satellites without a time");
    exif_put(&maker, EXIF_MADE_GPS, 7, 5, 3,
             "\x0C\0\0\0\1\0\0\0\x1E\0\0\0\1\0\0\0\x99\x05\0\0\x64\0\0\0", 24);
    is_str(read_made(&maker).facts.taken, "2015-05-05T12:30:14+00:00",
           "with its time, which is UTC");
    exif_put_text(&maker, EXIF_MADE_EXIF, DIGITIZED, "2012:02:03 04:05:06");
    is_str(read_made(&maker).facts.taken, "2012-02-03T04:05:06", "before it when it was digitized");
    exif_put_text(&maker, EXIF_MADE_EXIF, TAKEN, "2002:12:08 12:00:00");
    is_str(read_made(&maker).facts.taken, "2012-02-03T04:05:06", "also when the first is no date");
    exif_put_text(&maker, EXIF_MADE_EXIF, TAKEN, "2011:01:01 01:01:01");
    is_str(read_made(&maker).facts.taken, "2011-01-01T01:01:01", "before all when it was taken");

    struct exif_maker unset = {0};
    exif_put_text(&unset, EXIF_MADE_GPS, 29, "1980:01:06");
    is_str(read_made(&unset).facts.taken, "", "the first day of satellite time is none");
}

/* A block as APP1 at `at`; returns what is behind it. */
static uint8_t *put_segment(uint8_t *at, const void *block, size_t size)
{
    size_t length = size + 8;
    memcpy(at, (uint8_t[]){0xFF, 0xE1, (uint8_t)(length >> 8), (uint8_t)length}, 4);
    memcpy(at + 4, "Exif\0\0", 6);
    memcpy(at + 10, block, size);
    return at + 10 + size;
}

static void test_blocks_of_jpeg(void)
{
    uint8_t file[4 * EXIF_MADE_BYTES] = {0xFF, 0xD8}, block[EXIF_MADE_BYTES];
    struct exif_maker first = {0}, second = {.big_endian = true};
    exif_put_text(&first, EXIF_MADE_FIRST, CHANGED, "2020:02:02 02:02:02");
    exif_put_text(&first, EXIF_MADE_FIRST, MAKE, "First");
    exif_put_text(&second, EXIF_MADE_FIRST, MAKE, "Second");
    exif_put_text(&second, EXIF_MADE_EXIF, TAKEN, "2014:05:06 07:08:09");
    exif_put(&second, EXIF_MADE_FIRST, ORIENTATION, 3, 1, "\0\x06", 2);
    uint8_t *at = put_segment(file + 2, "", 0);
    at = put_segment(at, "II*\0\xFF\xFF\xFF\xFF", 8);
    at = put_segment(at, block, exif_make(&first, block));
    at = put_segment(at, block, exif_make(&second, block));
    struct metadata exif = {0};
    jpeg_facts_add(file, (size_t)(at - file), &exif);
    is_int(exif.orientation, 6, "an empty and a damaged block hide no good one");
    is_str(exif.facts.make, "First", "what two blocks say is taken from the first");
    is_str(exif.facts.taken, "2014-05-06T07:08:09", "but the better date from the second");
    static const char xmp[] =
        "http://ns.adobe.com/xap/1.0/\0<r:RDF "
        "xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        "<r:Description xmlns:p='http://ns.adobe.com/photoshop/1.0/' p:DateCreated='1974-08-30'/>"
        "</r:RDF>";
    uint8_t *end = put_segment(file + 2, block, exif_make(&first, block));
    memcpy(end, (uint8_t[]){0xFF, 0xE1, 0, sizeof xmp + 2}, 4);
    memcpy(end + 4, xmp, sizeof xmp);
    exif = (struct metadata){0};
    jpeg_facts_add(file, (size_t)(end - file), &exif);
    is_str(exif.facts.taken, "", "the date of the last edit is not when a photo was taken");
    exif = (struct metadata){0};
    jpeg_facts_add(file, (size_t)(end - file) + 4 + sizeof xmp, &exif);
    is_str(exif.facts.taken, "1974-08-30", "XMP has the date when the content was created");
    memcpy(file + 2, (uint8_t[]){0xFF, 0xDA, 0, 2}, 4);
    exif = (struct metadata){0};
    jpeg_facts_add(file, (size_t)(at - file), &exif);
    is_int(exif.orientation, 0, "what stands in the picture's data is none");
}

static uint8_t *put_chunk(uint8_t *at, const char *type, const void *data, size_t size)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(size >> (24 - 8 * i));
    memcpy(at + 4, type, 4);
    memcpy(at + 8, data, size);
    return at + 12 + size; /* the checksum is libpng's affair */
}

/* The block as ImageMagick and exiftool write it into a text. */
static size_t put_profile(char *text, const char *name, const uint8_t *block, size_t size)
{
    size_t n = (size_t)sprintf(text, "\n%s\n%8zu", name, size);
    for (size_t i = 0; i < size; i++)
        n += (size_t)sprintf(text + n, "%s%02x", i % 36 ? "" : "\n", block[i]);
    return n;
}

static size_t keyword_of(const char *type, const char *keyword, uint8_t *data)
{
    size_t n = strlen(keyword) + 1;
    memcpy(data, keyword, n);
    if (strcmp(type, "zTXt") == 0)
        data[n++] = 0;
    if (strcmp(type, "iTXt") == 0) {
        memcpy(data + n, "\1\0en\0word\0", 10);
        n += 10;
    }
    return n;
}

static void test_profiles_of_png(void)
{
    static uint8_t file[4 * EXIF_MADE_BYTES], data[4 * EXIF_MADE_BYTES], block[EXIF_MADE_BYTES];
    static char text[4 * EXIF_MADE_BYTES];
    static const char *const cases[][3] = {{"tEXt", "Raw profile type exif", "exif"},
                                           {"zTXt", "Raw profile type APP1", "generic profile"},
                                           {"iTXt", "raw profile type app1", "APP1"}};
    struct exif_maker maker = {0};
    exif_put(&maker, EXIF_MADE_FIRST, ORIENTATION, 3, 1, "\x06\0", 2);
    exif_put_text(&maker, EXIF_MADE_EXIF, TAKEN, "2015:05:05 05:05:05");
    memcpy(block, "Exif\0\0", 6);
    size_t size = 6 + exif_make(&maker, data);
    memcpy(block + 6, data, size - 6);
    memcpy(file, "\x89PNG\r\n\x1A\n", 8);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = put_profile(text, cases[i][2], block, size);
        size_t start = keyword_of(cases[i][0], cases[i][1], data);
        uLongf room = sizeof data - start;
        if (i == 0)
            memcpy(data + start, text, room = n);
        else
            ok(compress(data + start, &room, (const Bytef *)text, n) == Z_OK, "compressed");
        uint8_t *end = put_chunk(file + 8, cases[i][0], data, start + room);
        struct metadata exif = {0};
        png_facts_add(file, (size_t)(end - file), &exif);
        ok(exif.orientation == 6, "orientation from %s in %s", cases[i][1], cases[i][0]);
        is_str(exif.facts.taken, "2015-05-05T05:05:05", "and its date");
        exif = (struct metadata){0};
        png_facts_add(file, (size_t)(end - file) - 13, &exif);
        is_int(exif.orientation, 0, "a chunk that is cut off is none");
    }
}

static void test_times_of_png(void)
{
    static const uint8_t changed[] = {2020 >> 8, 2020 & 255, 2, 3, 4, 5, 6};
    static const char created[] = "Creation Time\0Mon, 5 Apr 2021 06:07:08 +0200";
    uint8_t file[256] = "\x89PNG\r\n\x1A\n";
    struct metadata exif = {0};
    uint8_t *end = put_chunk(file + 8, "tIME", changed, sizeof changed);
    png_facts_add(file, (size_t)(end - file), &exif);
    is_str(exif.facts.taken, "", "tIME is not when the photo was taken");
    end = put_chunk(end, "tEXt", created, sizeof created - 1);
    exif = (struct metadata){0};
    png_facts_add(file, (size_t)(end - file), &exif);
    is_str(exif.facts.taken, "2021-04-05T06:07:08+02:00", "before it Creation Time");
}

/* A tEXt chunk is Latin-1 by the standard, and UTF-8 in many files; a comment counts only if there
 * is no description, whichever comes first. */
static void test_texts_of_png(void)
{
    static const char comment[] = "Comment\0seen", described[] = "Description\0Caf\xE9",
                      program[] = "Software\0Bird 2";
    uint8_t file[256] = "\x89PNG\r\n\x1A\n";
    struct metadata exif = {0};
    uint8_t *end = put_chunk(file + 8, "tEXt", comment, sizeof comment - 1);
    png_facts_add(file, (size_t)(end - file), &exif);
    is_str(exif.facts.description, "seen", "a PNG's comment");
    end = put_chunk(end, "tEXt", described, sizeof described - 1);
    end = put_chunk(end, "tEXt", program, sizeof program - 1);
    exif = (struct metadata){0};
    png_facts_add(file, (size_t)(end - file), &exif);
    is_str(exif.facts.description, "Caf\xC3\xA9", "a PNG's description in Latin-1");
    is_str(exif.facts.software, "Bird 2", "a PNG's software");
}

int main(void)
{
    test_integers();
    test_altitude();
    test_directories();
    test_texts();
    test_places();
    test_spellings();
    test_sources();
    test_blocks_of_jpeg();
    test_profiles_of_png();
    test_times_of_png();
    test_texts_of_png();
    return done_testing();
}
