#include "image/exif.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

enum tag {
    TAG_MAKE = 0x010F,
    TAG_MODEL = 0x0110,
    TAG_ORIENTATION = 0x0112,
    TAG_DATE_TIME = 0x0132,
    TAG_EXIF_DIRECTORY = 0x8769,
    TAG_GPS_DIRECTORY = 0x8825,
    TAG_DATE_TIME_ORIGINAL = 0x9003,
    TAG_DATE_TIME_DIGITIZED = 0x9004,
    TAG_OFFSET_TIME = 0x9010,
    TAG_OFFSET_TIME_ORIGINAL = 0x9011,
    TAG_OFFSET_TIME_DIGITIZED = 0x9012,
    TAG_LENS_MODEL = 0xA434,
    TAG_LATITUDE_REF = 1,
    TAG_LATITUDE = 2,
    TAG_LONGITUDE_REF = 3,
    TAG_LONGITUDE = 4,
};

enum type { TYPE_BYTE = 1, TYPE_ASCII = 2, TYPE_SHORT = 3, TYPE_LONG = 4, TYPE_RATIONAL = 5 };

#define ENTRY_BYTES 12
#define TEXT_BYTES 256 /* longer texts are cut */

struct reader {
    const uint8_t *data;
    size_t size;
    bool big_endian;
};

/* One tagged value: `count` items of `type` at data[0 .. bytes). */
struct value {
    unsigned type;
    uint32_t count;
    const uint8_t *data;
};

static unsigned read16(const struct reader *r, const uint8_t *at)
{
    return r->big_endian ? (unsigned)at[0] << 8 | at[1] : (unsigned)at[1] << 8 | at[0];
}

static uint32_t read32(const struct reader *r, const uint8_t *at)
{
    uint32_t first = read16(r, at), second = read16(r, at + 2);
    return r->big_endian ? first << 16 | second : second << 16 | first;
}

static size_t item_bytes(unsigned type)
{
    switch (type) {
    case TYPE_BYTE:
    case TYPE_ASCII:
        return 1;
    case TYPE_SHORT:
        return 2;
    case TYPE_LONG:
        return 4;
    case TYPE_RATIONAL:
        return 8;
    default:
        return 0;
    }
}

/* Values of up to 4 bytes lie in the entry itself, longer ones at the offset it holds. */
static bool read_entry(const struct reader *r, const uint8_t *entry, struct value *ret_value)
{
    unsigned type = read16(r, entry + 2);
    uint32_t count = read32(r, entry + 4);
    uint64_t bytes = (uint64_t)count * item_bytes(type);
    if (bytes == 0)
        return false;
    const uint8_t *data = entry + 8;
    if (bytes > 4) {
        uint32_t offset = read32(r, entry + 8);
        if (offset > r->size || bytes > r->size - offset)
            return false;
        data = r->data + offset;
    }
    *ret_value = (struct value){.type = type, .count = count, .data = data};
    return true;
}

/* The first value of that tag in the directory at `offset` (0: there is no directory). */
static bool find_value(const struct reader *r, uint32_t offset, enum tag tag,
                       struct value *ret_value)
{
    if (offset == 0 || offset > r->size || r->size - offset < 2)
        return false;
    size_t n = read16(r, r->data + offset);
    size_t fit = (r->size - offset - 2) / ENTRY_BYTES;
    const uint8_t *entry = r->data + offset + 2;
    for (size_t i = 0; i < n && i < fit; i++, entry += ENTRY_BYTES)
        if (read16(r, entry) == tag)
            return read_entry(r, entry, ret_value);
    return false;
}

/* A whole number; 0 when absent. */
static uint32_t find_number(const struct reader *r, uint32_t directory, enum tag tag)
{
    struct value value;
    if (!find_value(r, directory, tag, &value))
        return 0;
    if (value.type == TYPE_SHORT)
        return read16(r, value.data);
    return value.type == TYPE_LONG ? read32(r, value.data) : 0;
}

/* Text up to its NUL or its count, without blanks around it; "" when absent. */
static void find_text(const struct reader *r, uint32_t directory, enum tag tag, char *ret_text,
                      size_t size)
{
    struct value value;
    ret_text[0] = '\0';
    if (!find_value(r, directory, tag, &value) ||
        (value.type != TYPE_ASCII && value.type != TYPE_BYTE))
        return;
    const char *text = (const char *)value.data;
    size_t length = strnlen(text, value.count < TEXT_BYTES ? value.count : TEXT_BYTES);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    while (length > 0 && isspace((unsigned char)*text))
        text++, length--;
    AUTO_FREE char *clean = text_printable(text, length);
    text_copy(ret_text, size, clean);
}

/* Digits of a fixed width; -1 when something else is there. */
static int digits(const char *text, int n)
{
    int number = 0;
    for (int i = 0; i < n; i++) {
        if (!isdigit((unsigned char)text[i]))
            return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool date_possible(int year, int month, int day)
{
    return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
}

static bool time_possible(int hour, int minute, int second)
{
    return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 59;
}

/* "2019:07:04 18:30:00" (some writers put '-' or '/' between, or 'T') to RFC 3339. */
static bool parse_date(const char *text, char ret_date[32])
{
    if (strlen(text) < 19 || !strchr(":-/.", text[4]) || !strchr(":-/.", text[7]) ||
        !strchr(" T", text[10]) || text[13] != ':' || text[16] != ':')
        return false;
    int year = digits(text, 4), month = digits(text + 5, 2), day = digits(text + 8, 2);
    int hour = digits(text + 11, 2), minute = digits(text + 14, 2), second = digits(text + 17, 2);
    if (!date_possible(year, month, day) || !time_possible(hour, minute, second))
        return false;
    snprintf(ret_date, 32, "%04u-%02u-%02uT%02u:%02u:%02u", (unsigned)year % 10000,
             (unsigned)month % 100, (unsigned)day % 100, (unsigned)hour % 100,
             (unsigned)minute % 100, (unsigned)second % 100);
    return true;
}

/* "+02:00" or "Z"; zones run from -12:00 to +14:00. */
static bool parse_zone(const char *text, char ret_zone[8])
{
    if (strcmp(text, "Z") == 0)
        return text_copy(ret_zone, 8, "+00:00") > 0;
    if (strlen(text) != 6 || !strchr("+-", text[0]) || text[3] != ':')
        return false;
    int hour = digits(text + 1, 2), minute = digits(text + 4, 2);
    if (hour < 0 || hour > 14 || minute < 0 || minute > 59)
        return false;
    return text_copy(ret_zone, 8, text) > 0;
}

/* The first possible date of: taken, digitized, file changed; each with its own zone. */
static void find_taken(const struct reader *r, uint32_t first, uint32_t exif, char ret_taken[32])
{
    const struct {
        uint32_t directory;
        enum tag date, zone;
    } sources[] = {
        {exif, TAG_DATE_TIME_ORIGINAL, TAG_OFFSET_TIME_ORIGINAL},
        {exif, TAG_DATE_TIME_DIGITIZED, TAG_OFFSET_TIME_DIGITIZED},
        {first, TAG_DATE_TIME, TAG_OFFSET_TIME},
    };
    char date[32], zone[8], text[64];
    ret_taken[0] = '\0';
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        find_text(r, sources[i].directory, sources[i].date, text, sizeof text);
        if (!parse_date(text, date))
            continue;
        find_text(r, exif, sources[i].zone, text, sizeof text);
        snprintf(ret_taken, 32, "%.19s%s", date, parse_zone(text, zone) ? zone : "");
        return;
    }
}

/* Degrees, minutes, seconds as three fractions. NAN when impossible. */
static double find_degrees(const struct reader *r, uint32_t directory, enum tag tag)
{
    struct value value;
    if (!find_value(r, directory, tag, &value) || value.type != TYPE_RATIONAL || value.count < 1)
        return NAN;
    double degrees = 0, unit = 1;
    for (uint32_t i = 0; i < value.count && i < 3; i++, unit *= 60) {
        double above = read32(r, value.data + 8 * i), below = read32(r, value.data + 8 * i + 4);
        if (below == 0 && above != 0)
            return NAN;
        if (below == 0 && i == 0)
            return NAN;
        degrees += below == 0 ? 0 : above / below / unit; /* 0/0: minutes or seconds left out */
    }
    return degrees;
}

/* +1 when the letter is `positive`, -1 when it is `negative`, NAN otherwise. */
static double find_sign(const struct reader *r, uint32_t directory, enum tag tag, char positive,
                        char negative)
{
    char text[8];
    find_text(r, directory, tag, text, sizeof text);
    int letter = toupper((unsigned char)text[0]);
    return letter == positive ? 1 : letter == negative ? -1 : NAN;
}

/* 0, 0 is what cameras without a fix write; nobody's photo is of that spot in the ocean. */
static void find_place(const struct reader *r, uint32_t gps, struct exif *exif)
{
    double latitude =
        find_sign(r, gps, TAG_LATITUDE_REF, 'N', 'S') * find_degrees(r, gps, TAG_LATITUDE);
    double longitude =
        find_sign(r, gps, TAG_LONGITUDE_REF, 'E', 'W') * find_degrees(r, gps, TAG_LONGITUDE);
    if (!(fabs(latitude) <= 90 && fabs(longitude) <= 180) || (latitude == 0 && longitude == 0))
        return;
    exif->has_place = true;
    exif->latitude = latitude;
    exif->longitude = longitude;
}

static bool open_block(const uint8_t *data, size_t size, struct reader *ret_reader)
{
    if (size >= 6 && memcmp(data, "Exif\0\0", 6) == 0) {
        data += 6;
        size -= 6;
    }
    if (size < 8 || (memcmp(data, "II*\0", 4) != 0 && memcmp(data, "MM\0*", 4) != 0))
        return false;
    *ret_reader = (struct reader){.data = data, .size = size, .big_endian = data[0] == 'M'};
    return true;
}

void exif_read(const uint8_t *data, size_t size, struct exif *ret_exif)
{
    struct exif exif = {.orientation = 1};
    struct reader r;
    if (open_block(data, size, &r)) {
        uint32_t first = read32(&r, r.data + 4);
        uint32_t details = find_number(&r, first, TAG_EXIF_DIRECTORY);
        uint32_t orientation = find_number(&r, first, TAG_ORIENTATION);
        if (orientation >= 1 && orientation <= 8)
            exif.orientation = (int)orientation;
        find_text(&r, first, TAG_MAKE, exif.make, sizeof exif.make);
        find_text(&r, first, TAG_MODEL, exif.model, sizeof exif.model);
        find_text(&r, details, TAG_LENS_MODEL, exif.lens, sizeof exif.lens);
        find_taken(&r, first, details, exif.taken);
        find_place(&r, find_number(&r, first, TAG_GPS_DIRECTORY), &exif);
    }
    *ret_exif = exif;
}
