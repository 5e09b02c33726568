/* SPDX-License-Identifier: MIT */
/* Maps properties of XMP packets to facts. */
#include "metadata/xmp.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "metadata/xmp_properties.h"
#include "metadata/xmp_regions.h"

/* "52,30.5N" or "52,30,15N": degrees, minutes and seconds, or decimal minutes. NAN if malformed. */
static double read_coordinate(const char *text, char positive, char negative)
{
    double degrees = 0, unit = 1;
    for (int i = 0; i < 3; i++, unit *= 60) {
        char *end;
        double part = strtod(text, &end);
        if (end == text || part < 0 || (i > 0 && part > 60))
            return NAN;
        degrees += part / unit;
        text = end;
        if (*text != ',')
            break;
        text++;
    }
    int letter = toupper((unsigned char)*text);
    return letter == positive ? degrees : letter == negative ? -degrees : NAN;
}

/* "1/250", "28/10", "400". 0 if malformed. */
static double read_rational(const char *text)
{
    char *end;
    double number = strtod(text, &end), divisor = 1;
    if (end == text)
        return 0;
    if (*end == '/')
        divisor = strtod(end + 1, NULL);
    return divisor == 0 ? 0 : number / divisor;
}

enum property_kind {
    PROPERTY_TEXT,
    PROPERTY_NUMBER,
    PROPERTY_DATE,
    PROPERTY_KEYWORD,
    PROPERTY_TAG_PATH, /* "Animals/Dog" or "Animals|Dog": the last part is the keyword */
    PROPERTY_LATITUDE,
    PROPERTY_LONGITUDE,
    PROPERTY_ALTITUDE,
    PROPERTY_ALTITUDE_REF,
};

/* Namespaces by XMP's specification, part 1 and 2, and those of programs. */
#define DC "http://purl.org/dc/elements/1.1/ "
#define EXIF "http://ns.adobe.com/exif/1.0/ "
#define EXIF_EX "http://cipa.jp/exif/1.0/ "
#define TIFF "http://ns.adobe.com/tiff/1.0/ "
#define XAP "http://ns.adobe.com/xap/1.0/ "
#define PHOTOSHOP "http://ns.adobe.com/photoshop/1.0/ "
#define AUX "http://ns.adobe.com/exif/1.0/aux/ "
#define DIGIKAM "http://www.digikam.org/ns/1.0/ "

static const struct property {
    const char *name; /* namespace, blank, local name */
    enum property_kind kind;
    int detail; /* the fact, or which date */
} properties[] = {
    {DC "title", PROPERTY_TEXT, FACT_INDEX_title},
    {DC "description", PROPERTY_TEXT, FACT_INDEX_description},
    {DC "subject", PROPERTY_KEYWORD, 0},
    {DIGIKAM "TagsList", PROPERTY_TAG_PATH, 0},
    {XAP "Rating", PROPERTY_NUMBER, FACT_INDEX_rating},
    {TIFF "Make", PROPERTY_TEXT, FACT_INDEX_make},
    {TIFF "Model", PROPERTY_TEXT, FACT_INDEX_model},
    {EXIF_EX "LensModel", PROPERTY_TEXT, FACT_INDEX_lens},
    {AUX "Lens", PROPERTY_TEXT, FACT_INDEX_lens},
    {EXIF "ExposureTime", PROPERTY_NUMBER, FACT_INDEX_exposure},
    {EXIF "FNumber", PROPERTY_NUMBER, FACT_INDEX_aperture},
    {EXIF "FocalLength", PROPERTY_NUMBER, FACT_INDEX_focal_length},
    {EXIF "ISOSpeedRatings", PROPERTY_NUMBER, FACT_INDEX_iso},
    {EXIF_EX "PhotographicSensitivity", PROPERTY_NUMBER, FACT_INDEX_iso},
    {EXIF "DateTimeOriginal", PROPERTY_DATE, METADATA_DATE_XMP_ORIGINAL},
    {PHOTOSHOP "DateCreated", PROPERTY_DATE, METADATA_DATE_CONTENT},
    {EXIF "DateTimeDigitized", PROPERTY_DATE, METADATA_DATE_DIGITIZED},
    {XAP "CreateDate", PROPERTY_DATE, METADATA_DATE_XMP_CREATED},
    {EXIF "GPSLatitude", PROPERTY_LATITUDE, 0},
    {EXIF "GPSLongitude", PROPERTY_LONGITUDE, 0},
    {EXIF "GPSAltitude", PROPERTY_ALTITUDE, 0},
    {EXIF "GPSAltitudeRef", PROPERTY_ALTITUDE_REF, 0},
    {TIFF "Software", PROPERTY_TEXT, FACT_INDEX_software},
    {XAP "CreatorTool", PROPERTY_TEXT, FACT_INDEX_software},
};

struct reading {
    struct metadata *metadata;
    enum metadata_source source;
    struct xmp_regions regions;
    double latitude, longitude; /* NAN while unknown */
    double altitude;            /* 0 while unknown */
    bool is_below;              /* the level of the sea */
};

static enum metadata_date rank_date(const struct reading *r, enum metadata_date date)
{
    if (r->source != METADATA_SIDECAR)
        return date;
    return date < METADATA_DATE_SIDECAR ? METADATA_DATE_SIDECAR : METADATA_DATE_SIDECAR_CREATED;
}

static void add_property(void *context, const char *const *names, size_t depth, const char *text)
{
    struct reading *r = context;
    const struct property *found = NULL;
    if (depth > 1)
        xmp_regions_add(&r->regions, names, depth, text);
    if (!text)
        return;
    for (size_t i = 0; depth == 1 && !found && i < sizeof properties / sizeof *properties; i++)
        if (strcmp(properties[i].name, names[0]) == 0)
            found = &properties[i];
    if (!found)
        return;
    const char *last = strpbrk(text, "/|");
    for (const char *at = last; at; at = strpbrk(at + 1, "/|"))
        last = at;
    switch (found->kind) {
    case PROPERTY_TEXT:
        metadata_offer_text(r->metadata, found->detail, text, r->source);
        break;
    case PROPERTY_NUMBER:
        metadata_offer_number(r->metadata, found->detail, read_rational(text), r->source);
        break;
    case PROPERTY_DATE:
        metadata_add_date(text, rank_date(r, (enum metadata_date)found->detail), r->metadata);
        break;
    case PROPERTY_KEYWORD:
        metadata_add_keyword(r->metadata, text, r->source);
        break;
    case PROPERTY_TAG_PATH:
        metadata_add_keyword(r->metadata, last ? last + 1 : text, r->source);
        break;
    case PROPERTY_LATITUDE:
        r->latitude = read_coordinate(text, 'N', 'S');
        break;
    case PROPERTY_LONGITUDE:
        r->longitude = read_coordinate(text, 'E', 'W');
        break;
    case PROPERTY_ALTITUDE:
        r->altitude = read_rational(text);
        break;
    case PROPERTY_ALTITUDE_REF:
        r->is_below = text[0] == '1' || text[0] == '3';
        break;
    }
}

static bool add_packet(const uint8_t *data, size_t size, enum metadata_source source,
                       struct metadata *metadata)
{
    struct reading r = {.metadata = metadata, .source = source, .latitude = NAN, .longitude = NAN};
    bool whole = xmp_read_properties(data, size, add_property, &r);
    metadata_offer_place(metadata, r.latitude, r.longitude, source);
    metadata_offer_number(metadata, FACT_INDEX_altitude,
                          r.is_below ? -fabs(r.altitude) : r.altitude, source);
    xmp_regions_offer(&r.regions, source, metadata);
    return whole;
}

void xmp_add(const uint8_t *data, size_t size, struct metadata *metadata)
{
    add_packet(data, size, METADATA_XMP, metadata);
}

bool xmp_add_sidecar(const uint8_t *data, size_t size, struct metadata *metadata)
{
    return add_packet(data, size, METADATA_SIDECAR, metadata);
}
