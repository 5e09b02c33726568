/* SPDX-License-Identifier: MIT */
/* Walks through IPTC-IIM datasets and the Photoshop resources that contain them. */
#include "metadata/iptc.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "metadata/exif_date.h"

#define DATASET_MARK 0x1C
#define DATASET_HEADER_BYTES 5 /* mark, record, number, two bytes of length */
#define RESOURCE_IPTC 0x0404

enum dataset {
    DATASET_TITLE = 5,
    DATASET_KEYWORD = 25,
    DATASET_DATE_CREATED = 55,
    DATASET_TIME_CREATED = 60,
    DATASET_DATE_DIGITIZED = 62,
    DATASET_TIME_DIGITIZED = 63,
    DATASET_CAPTION = 120,
};

/* A date of eight digits and a time of six with a zone, which are separate datasets. */
struct moment {
    char day[16], time[16];
};

static void keep_digits(const uint8_t *data, size_t size, char *text, size_t room)
{
    if (!text[0])
        snprintf(text, room, "%.*s", (int)(size < room ? size : room - 1), (const char *)data);
}

/* Offers "20190704" and "183000+0200" as a date; a day of "00" means that only the year or month
 * is known, which is not a date for keepsake. */
static void add_moment(const struct moment *m, enum metadata_date date, struct metadata *metadata)
{
    char text[64];
    const char *t = m->time;
    if (strlen(m->day) < 8)
        return;
    int n = snprintf(text, sizeof text, "%.4s:%.2s:%.2s", m->day, m->day + 4, m->day + 6);
    if (strspn(t, "0123456789") >= 6)
        n += snprintf(text + n, sizeof text - (size_t)n, " %.2s:%.2s:%.2s", t, t + 2, t + 4);
    if (strlen(t) >= 11 && strchr("+-", t[6]))
        snprintf(text + n, sizeof text - (size_t)n, "%.3s:%.2s", t + 6, t + 9);
    metadata_add_date(text, date, metadata);
}

void iptc_add(const uint8_t *data, size_t size, struct metadata *metadata)
{
    struct moment created = {0}, digitized = {0};
    while (size >= DATASET_HEADER_BYTES && data[0] == DATASET_MARK) {
        size_t length = (size_t)data[3] << 8 | data[4];
        const uint8_t *value = data + DATASET_HEADER_BYTES;
        if (length > size - DATASET_HEADER_BYTES) /* includes the lengths above 32767 */
            break;
        AUTO_FREE char *text = metadata_decode_text((const char *)value, length);
        switch (data[1] == 2 ? data[2] : 0) {
        case DATASET_TITLE:
            metadata_offer_text(metadata, FACT_INDEX_title, text, METADATA_IPTC);
            break;
        case DATASET_KEYWORD:
            metadata_add_keyword(metadata, text, METADATA_IPTC);
            break;
        case DATASET_CAPTION:
            metadata_offer_text(metadata, FACT_INDEX_description, text, METADATA_IPTC);
            break;
        case DATASET_DATE_CREATED:
            keep_digits(value, length, created.day, sizeof created.day);
            break;
        case DATASET_TIME_CREATED:
            keep_digits(value, length, created.time, sizeof created.time);
            break;
        case DATASET_DATE_DIGITIZED:
            keep_digits(value, length, digitized.day, sizeof digitized.day);
            break;
        case DATASET_TIME_DIGITIZED:
            keep_digits(value, length, digitized.time, sizeof digitized.time);
            break;
        }
        data += DATASET_HEADER_BYTES + length;
        size -= DATASET_HEADER_BYTES + length;
    }
    add_moment(&created, METADATA_DATE_IPTC, metadata);
    add_moment(&digitized, METADATA_DATE_DIGITIZED, metadata);
}

void iptc_add_resources(const uint8_t *data, size_t size, struct metadata *metadata)
{
    static const char heading[] = "Photoshop 3.0";
    if (size > sizeof heading && memcmp(data, heading, sizeof heading) == 0) {
        data += sizeof heading;
        size -= sizeof heading;
    }
    /* "8BIM", two bytes of number, a name (its length, then bytes, padded to even), four bytes of
     * length, the data padded to even. */
    while (size >= 12 && memcmp(data, "8BIM", 4) == 0) {
        unsigned number = (unsigned)data[4] << 8 | data[5];
        size_t name = ((size_t)data[6] + 2) & ~(size_t)1;
        if (size < 6 + name + 4)
            return;
        const uint8_t *at = data + 6 + name;
        size_t length = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
        size_t rest = size - (6 + name + 4);
        if (length > rest)
            return;
        if (number == RESOURCE_IPTC)
            iptc_add(at + 4, length, metadata);
        length += length & 1;
        if (length > rest)
            return;
        data = at + 4 + length;
        size = rest - length;
    }
}
