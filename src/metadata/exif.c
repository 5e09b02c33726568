/* SPDX-License-Identifier: MIT */
/* Reads facts from the directories of an Exif block. */
#include "metadata/exif.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "metadata/exif_date.h"
#include "metadata/iptc.h"
#include "metadata/tiff_tags.h"
#include "metadata/xmp.h"

enum tag {
    TAG_IMAGE_DESCRIPTION = 0x010E,
    TAG_MAKE = 0x010F,
    TAG_MODEL = 0x0110,
    TAG_ORIENTATION = 0x0112,
    TAG_SOFTWARE = 0x0131,
    TAG_XMP = 0x02BC,
    TAG_RATING = 0x4746,
    TAG_EXPOSURE_TIME = 0x829A,
    TAG_F_NUMBER = 0x829D,
    TAG_IPTC = 0x83BB,
    TAG_PHOTOSHOP = 0x8649,
    TAG_EXIF_DIRECTORY = 0x8769,
    TAG_GPS_DIRECTORY = 0x8825,
    TAG_ISO = 0x8827,
    TAG_DATE_TIME_ORIGINAL = 0x9003,
    TAG_DATE_TIME_DIGITIZED = 0x9004,
    TAG_OFFSET_TIME_ORIGINAL = 0x9011,
    TAG_OFFSET_TIME_DIGITIZED = 0x9012,
    TAG_FOCAL_LENGTH = 0x920A,
    TAG_XP_TITLE = 0x9C9B, /* XP_*: Windows, UTF-16 */
    TAG_XP_COMMENT = 0x9C9C,
    TAG_XP_KEYWORDS = 0x9C9E,
    TAG_LENS_MODEL = 0xA434,
    TAG_LATITUDE_REF = 1,
    TAG_LATITUDE = 2,
    TAG_LONGITUDE_REF = 3,
    TAG_LONGITUDE = 4,
    TAG_ALTITUDE_REF = 5,
    TAG_ALTITUDE = 6,
    TAG_GPS_TIME = 7,
    TAG_GPS_DATE = 29,
};

/* The directories of a block that may contain a tag. */
struct block {
    struct tiff_tags tags;
    uint64_t directories[2]; /* the first, and Exif; 0: missing */
};

/* Iterates over the values of a tag, in the directory where it belongs and then in the other. */
struct search {
    const struct block *block;
    enum tag tag;
    size_t directory, place;
};

static bool next_value(struct search *s, struct tiff_value *ret_value)
{
    size_t home = s->tag >= TAG_EXPOSURE_TIME && (s->tag & 0xFF00) != 0x9C00;
    for (; s->directory < 2; s->directory++, s->place = 0)
        if (tiff_tags_next(&s->block->tags, s->block->directories[s->directory ^ home], s->tag,
                           &s->place, ret_value))
            return true;
    return false;
}

/* The first value of the tag that is an integer from 1 to `most`; 0 if there is none. */
static uint64_t find_whole(const struct block *block, enum tag tag, uint64_t most)
{
    struct search search = {.block = block, .tag = tag};
    struct tiff_value value;
    double number;
    while (next_value(&search, &value))
        if (tiff_value_number(&value, 0, &number) && number >= 1 && number <= (double)most &&
            number == floor(number))
            return (uint64_t)number;
    return 0;
}

/* Copies the tag's first text that is not empty, if `text` is empty. */
static void find_text(const struct block *block, enum tag tag, char *text, size_t size)
{
    struct search search = {.block = block, .tag = tag};
    struct tiff_value value;
    while (!text[0] && next_value(&search, &value))
        tiff_value_text(&value, text, size);
}

/* Reads XMP and IPTC among the tags of a TIFF file. */
static void find_others(const struct block *block, struct metadata *metadata)
{
    static const struct {
        enum tag tag;
        void (*add)(const uint8_t *data, size_t size, struct metadata *metadata);
    } others[] = {{TAG_XMP, xmp_add}, {TAG_IPTC, iptc_add}, {TAG_PHOTOSHOP, iptc_add_resources}};
    struct tiff_value value;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        size_t place = 0;
        if (tiff_tags_next(&block->tags, block->tags.first, others[i].tag, &place, &value))
            others[i].add(value.data, tiff_value_bytes(&value), metadata);
    }
}

/* Reads each date with its own zone, unless it already contains one. */
static void find_date(const struct block *block, enum tag tag, enum tag zone_tag,
                      enum metadata_date kind, struct metadata *metadata)
{
    struct search search = {.block = block, .tag = tag};
    struct tiff_value value;
    char text[64], date[32], zone_text[16] = "", zone[8];
    while (next_value(&search, &value)) {
        tiff_value_text(&value, text, sizeof text);
        if (!exif_date_parse(text, date))
            continue;
        find_text(block, zone_tag, zone_text, sizeof zone_text);
        size_t length = strlen(date);
        if (length == 19 && exif_date_zone(zone_text, zone))
            snprintf(date + length, sizeof date - length, "%s", zone);
        metadata_offer_date(date, kind, metadata);
        return;
    }
}

/* Reads degrees, minutes, seconds; ignores a 0 / 0 in the last two. The sign is returned in
 * *ret_negative. NAN if impossible. */
static double find_degrees(const struct block *gps, enum tag tag, bool *ret_negative)
{
    struct search search = {.block = gps, .tag = tag};
    struct tiff_value value;
    double part, degrees = 0, unit = 1;
    *ret_negative = false;
    if (!next_value(&search, &value) || !tiff_value_number(&value, 0, &part))
        return NAN;
    for (unsigned i = 0; i < 3; i++, unit *= 60) {
        if (!tiff_value_number(&value, i, &part))
            continue;
        *ret_negative |= part < 0;
        degrees += fabs(part) / unit;
    }
    return degrees;
}

/* Reads a value with the letter of its direction. Without a letter, only a negative value is
 * unambiguous; with one, the letter determines the sign. */
static double find_coordinate(const struct block *gps, enum tag ref, enum tag tag, char positive,
                              char negative)
{
    char text[8] = "";
    bool is_negative;
    double degrees = find_degrees(gps, tag, &is_negative);
    find_text(gps, ref, text, sizeof text);
    int letter = toupper((unsigned char)text[0]);
    if (letter == positive)
        return degrees;
    return letter == negative || (!letter && is_negative) ? -degrees : NAN;
}

static void find_place(const struct block *gps, struct metadata *metadata)
{
    metadata_offer_place(metadata, find_coordinate(gps, TAG_LATITUDE_REF, TAG_LATITUDE, 'N', 'S'),
                         find_coordinate(gps, TAG_LONGITUDE_REF, TAG_LONGITUDE, 'E', 'W'),
                         METADATA_EXIF);
}

/* The reference is 1 for a depth below the level of the sea, also "1" or a negative number in files
 * that deviate from the standard; 2 and 3 of Exif 3.0 are heights of another kind of level. */
static void find_altitude(const struct block *gps, struct metadata *metadata)
{
    struct search search = {.block = gps, .tag = TAG_ALTITUDE};
    struct tiff_value value;
    double height;
    if (!next_value(&search, &value) || !tiff_value_number(&value, 0, &height))
        return;
    uint64_t reference = find_whole(gps, TAG_ALTITUDE_REF, UINT8_MAX);
    bool is_below = reference == 1 || reference == 3;
    metadata_offer_number(metadata, FACT_INDEX_altitude, is_below ? -fabs(height) : height,
                          METADATA_EXIF);
}

/* 6 January 1980 is the first day of satellite time, from a receiver that has not seen a
 * satellite. */
static void find_gps_date(const struct block *gps, struct metadata *metadata)
{
    struct search search = {.block = gps, .tag = TAG_GPS_TIME};
    struct tiff_value value;
    char day[32] = "", text[64] = "", date[32];
    double parts[3] = {0, 0, 0};
    find_text(gps, TAG_GPS_DATE, text, sizeof text);
    if (!exif_date_parse(text, day) || strncmp(day, "1980-01-06", 10) == 0)
        return;
    bool has_time = next_value(&search, &value);
    for (unsigned i = 0; i < 3 && has_time; i++) {
        has_time = tiff_value_number(&value, i, &parts[i]) || i == 2;
        has_time = has_time && parts[i] >= 0 && parts[i] < 61;
    }
    if (has_time)
        snprintf(text, sizeof text, "%.10s %02d:%02d:%02dZ", day, (int)parts[0], (int)parts[1],
                 (int)parts[2]);
    if (exif_date_parse(has_time ? text : day, date))
        metadata_offer_date(date, METADATA_DATE_GPS, metadata);
}

/* The first possible value of the tag as a number; 0 if there is none. */
static double find_number(const struct block *block, enum tag tag)
{
    struct search search = {.block = block, .tag = tag};
    struct tiff_value value;
    double number;
    while (next_value(&search, &value))
        if (tiff_value_number(&value, 0, &number) && isfinite(number) && number != 0)
            return number;
    return 0;
}

static void find_numbers(const struct block *block, struct metadata *metadata)
{
    static const struct {
        enum tag tag;
        int fact;
    } numbers[] = {{TAG_EXPOSURE_TIME, FACT_INDEX_exposure},
                   {TAG_F_NUMBER, FACT_INDEX_aperture},
                   {TAG_ISO, FACT_INDEX_iso},
                   {TAG_FOCAL_LENGTH, FACT_INDEX_focal_length},
                   {TAG_RATING, FACT_INDEX_rating}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        metadata_offer_number(metadata, numbers[i].fact, find_number(block, numbers[i].tag),
                              METADATA_EXIF);
}

/* What cameras write as a description of every photo. */
static bool is_of_camera(const char *description)
{
    static const char *const known[] = {"OLYMPUS DIGITAL CAMERA",
                                        "SONY DSC",
                                        "KONICA MINOLTA",
                                        "MINOLTA DIGITAL CAMERA",
                                        "SAMSUNG DIGITAL CAMERA",
                                        "DIGITAL CAMERA",
                                        "DCF 1.0",
                                        "cmv_",
                                        "Exif_JPEG_PICTURE",
                                        "DSC"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncasecmp(description, known[i], strlen(known[i])) == 0)
            return true;
    return false;
}

static void find_texts(const struct block *block, struct metadata *metadata)
{
    static const struct {
        enum tag tag;
        int fact;
    } texts[] = {{TAG_MAKE, FACT_INDEX_make},
                 {TAG_MODEL, FACT_INDEX_model},
                 {TAG_LENS_MODEL, FACT_INDEX_lens},
                 {TAG_SOFTWARE, FACT_INDEX_software},
                 {TAG_XP_TITLE, FACT_INDEX_title},
                 {TAG_IMAGE_DESCRIPTION, FACT_INDEX_description},
                 {TAG_XP_COMMENT, FACT_INDEX_description}};
    char text[1024];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        text[0] = '\0';
        find_text(block, texts[i].tag, text, sizeof text);
        if (texts[i].tag != TAG_IMAGE_DESCRIPTION || !is_of_camera(text))
            metadata_offer_text(metadata, texts[i].fact, text, METADATA_EXIF);
    }
    text[0] = '\0';
    find_text(block, TAG_XP_KEYWORDS, text, sizeof text);
    for (char *rest = text, *word; (word = strsep(&rest, ";"));)
        metadata_add_keyword(metadata, word, METADATA_EXIF);
}

/* Opens the TIFF header, which follows "Exif\0\0" or a variant that writers use. */
static bool open_block(const uint8_t *data, size_t size, struct block *ret_block)
{
    for (size_t i = 0; i <= 4 && i + 6 < size; i++)
        if (memcmp(data + i, "Exif\0", 5) == 0) {
            data += i + 6;
            size -= i + 6;
            break;
        }
    *ret_block = (struct block){0};
    if (!tiff_tags_open(data, size, &ret_block->tags))
        return false;
    ret_block->directories[0] = ret_block->tags.first;
    return true;
}

void exif_add(const uint8_t *data, size_t size, struct metadata *metadata)
{
    struct block block;
    if (!data || !open_block(data, size, &block))
        return;
    block.directories[1] = find_whole(&block, TAG_EXIF_DIRECTORY, size);
    struct block gps = {.tags = block.tags, {find_whole(&block, TAG_GPS_DIRECTORY, size), 0}};
    if (!metadata->orientation)
        metadata->orientation = (int)find_whole(&block, TAG_ORIENTATION, 8);
    find_texts(&block, metadata);
    find_numbers(&block, metadata);
    find_date(&block, TAG_DATE_TIME_ORIGINAL, TAG_OFFSET_TIME_ORIGINAL, METADATA_DATE_ORIGINAL,
              metadata);
    find_date(&block, TAG_DATE_TIME_DIGITIZED, TAG_OFFSET_TIME_DIGITIZED, METADATA_DATE_DIGITIZED,
              metadata);
    find_gps_date(&gps, metadata);
    find_place(&gps, metadata);
    find_altitude(&gps, metadata);
    find_others(&block, metadata);
}
