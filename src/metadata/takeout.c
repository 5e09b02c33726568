/* SPDX-License-Identifier: MIT */
/* Maps the members of Google Takeout's JSON to facts. */
#include "metadata/takeout.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/json_lenient.h"
#include "base/text.h"

#define DAY_S 86400
#define LAST_YEAR 9999

/* The civil date of a day since 1970, by Howard Hinnant's days algorithm ("chrono-Compatible
 * Low-Level Date Algorithms"). gmtime would open the time zone's file. */
static void split_day(int64_t day, int64_t *ret_year, int *ret_month, int *ret_day)
{
    int64_t shifted = day + 719468; /* from 1 March of the year 0 */
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    *ret_day = (int)(of_year - (153 * month + 2) / 5 + 1);
    *ret_month = (int)(month < 10 ? month + 3 : month - 9);
    *ret_year = year + era * 400 + (*ret_month <= 2);
}

/* Seconds since 1970, negative before. 0 is what Google writes for an unknown time. */
static void add_time(const json_t *time, struct metadata *metadata)
{
    int64_t seconds, year;
    int month, day;
    char text[64];
    if (!json_whole_number(json_object_get(time, "timestamp"), &seconds) || seconds == 0 ||
        seconds > (int64_t)LAST_YEAR * 366 * DAY_S || seconds < -(int64_t)LAST_YEAR * 366 * DAY_S)
        return;
    int64_t of_day = (seconds % DAY_S + DAY_S) % DAY_S;
    split_day((seconds - of_day) / DAY_S, &year, &month, &day);
    if (year < 1 || year > LAST_YEAR)
        return;
    snprintf(text, sizeof text, "%04d:%02d:%02d %02d:%02d:%02dZ", (int)year, month, day,
             (int)(of_day / 3600), (int)(of_day / 60 % 60), (int)(of_day % 60));
    metadata_add_date(text, METADATA_DATE_TAKEOUT, metadata);
}

static void add_place(const json_t *place, struct metadata *metadata)
{
    double latitude = NAN, longitude = NAN, altitude = 0;
    if (!json_any_number(json_object_get(place, "latitude"), &latitude) ||
        !json_any_number(json_object_get(place, "longitude"), &longitude) ||
        (latitude == 0 && longitude == 0))
        return;
    metadata_offer_place(metadata, latitude, longitude, METADATA_TAKEOUT);
    if (json_any_number(json_object_get(place, "altitude"), &altitude))
        metadata_offer_number(metadata, FACT_INDEX_altitude, altitude, METADATA_TAKEOUT);
}

static void add_people(const json_t *people, struct metadata *metadata)
{
    struct photo_regions regions = {0};
    size_t n = json_array_size(people);
    for (size_t i = 0; i < n && regions.n < LIMIT_REGIONS; i++) {
        const char *name = json_string_value(json_object_get(json_array_get(people, i), "name"));
        if (name)
            text_copy(regions.items[regions.n++].name, sizeof regions.items[0].name, name);
    }
    metadata_offer_regions(metadata, &regions, METADATA_TAKEOUT);
}

bool takeout_add(const uint8_t *data, size_t size, struct metadata *metadata)
{
    AUTO_JSON *root = json_read_lenient(data, size, JSON_HALVES_REPLACED);
    if (!root)
        return false;
    const json_t *time = json_object_get(root, "photoTakenTime");
    if (!json_is_object(time))
        return true;
    add_time(time, metadata);
    /* The place that the owner may have corrected, before that of the file. */
    add_place(json_object_get(root, "geoData"), metadata);
    add_place(json_object_get(root, "geoDataExif"), metadata);
    const char *description = json_string_value(json_object_get(root, "description"));
    if (description)
        metadata_offer_text(metadata, FACT_INDEX_description, description, METADATA_TAKEOUT);
    add_people(json_object_get(root, "people"), metadata);
    return true;
}

void takeout_prepare(void)
{
    json_object_seed(0);
}
