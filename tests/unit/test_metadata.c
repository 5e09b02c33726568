/* SPDX-License-Identifier: MIT */
/* Dates, zones, places, cameras, exposure, orientation, keywords, ratings, titles and descriptions
 * of 210 public files against exiftool's reading of them (shared metadata/exiftool.json: exiftool
 * -j -n -G1). */
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/memory.h"
#include "image/image.h"
#include "image/jpeg_facts.h"
#include "metadata/exif.h"
#include "shared.h"
#include "tap.h"

#define FOLDER "metadata/"

/* Where keepsake says something else than exiftool's fields in the order of its trust, and why. */
static const struct {
    const char *name, *taken, *why;
} differences[] = {
    {"immich-app+test-assets__formats__png__density_plot.png", "2007-02-13T06:34:38",
     "the PNG's Creation Time, which the list leaves out"},
    {"exiftool+exiftool__t__images__PhotoMechanic.jpg", "2006-10-29T06:27:51-05:00",
     "XMP's day, completed by IPTC's time"},
};

static const char *text_of(const json_t *entry, const char *key)
{
    const char *text = json_string_value(json_object_get(entry, key));
    return text ? text : "";
}

/* The first of the keys that the entry has; NULL. */
static const json_t *first_of(const json_t *entry, const char *const *keys)
{
    for (; *keys; keys++)
        if (json_object_get(entry, *keys))
            return json_object_get(entry, *keys);
    return NULL;
}

/* Removes surrounding blanks, and puts blanks for the ends of lines. */
static void tidy_text(const char *text, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "%s", text + strspn(text, " \t\r\n"));
    for (char *at = ret_text; *at; at++)
        *at = strchr("\t\r\n", *at) ? ' ' : *at;
    for (size_t n = strlen(ret_text); n > 0 && ret_text[n - 1] == ' ';)
        ret_text[--n] = '\0';
}

/* A text may be a number to exiftool's JSON. What it does not list is not compared. */
static void check_text(const char *name, const json_t *entry, const char *got,
                       const char *const *keys)
{
    char want[2048], number[32];
    const json_t *value = first_of(entry, keys);
    if (!value)
        return;
    snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    tidy_text(json_is_integer(value) ? number : json_string_value(value), want, 1024);
    if (strcmp(want, got) != 0)
        ok(false, "%s: %s is \"%s\", exiftool has \"%s\"", name, keys[0], got, want);
}

/* A millionth: exiftool prints about that many digits of fractions. */
static void check_number(const char *name, const json_t *entry, double got, const char *const *keys)
{
    const json_t *value = first_of(entry, keys);
    double want = json_is_number(value) ? json_number_value(value) : 0;
    if (!(fabs(want - got) <= 1e-6 * fabs(want)))
        ok(false, "%s: %s is %g, exiftool has %g", name, keys[0], got, want);
}

/* "2019:07:04 18:30:00.25+02:00" as keepsake writes it; false for a date that is none. */
static bool convert_date(const char *date, const char *zone, char ret_date[64])
{
    if (strlen(date) < 10 || strncmp(date, "0000", 4) == 0)
        return false;
    int n = snprintf(ret_date, 64, "%.4s-%.2s-%.2s", date, date + 5, date + 8);
    if (strlen(date) < 16)
        return true;
    bool has_seconds = date[16] == ':';
    n += snprintf(ret_date + n, 64 - (size_t)n, "T%.5s:%.2s", date + 11,
                  has_seconds ? date + 17 : "00");
    const char *rest = date + (has_seconds ? 19 : 16);
    rest += strspn(rest, ".0123456789");
    if (strcmp(rest, "Z") == 0)
        rest = "+00:00";
    snprintf(ret_date + n, 64 - (size_t)n, "%s", *rest ? rest : zone);
    return true;
}

/* Capture before creation of the content before digitizing before creation of the file. */
static void expect_date(const json_t *entry, char ret_date[64])
{
    char iptc[64];
    snprintf(iptc, sizeof iptc, "%s %s", text_of(entry, "IPTC:DateCreated"),
             text_of(entry, "IPTC:TimeCreated"));
    const char *zone = text_of(entry, "ExifIFD:OffsetTimeOriginal");
    if (convert_date(text_of(entry, "ExifIFD:DateTimeOriginal"), zone, ret_date) ||
        convert_date(text_of(entry, "XMP-exif:DateTimeOriginal"), "", ret_date) ||
        convert_date(text_of(entry, "XMP-photoshop:DateCreated"), "", ret_date) ||
        (iptc[0] != ' ' && convert_date(iptc, "", ret_date)) ||
        convert_date(text_of(entry, "ExifIFD:CreateDate"), "", ret_date) ||
        convert_date(text_of(entry, "XMP-xmp:CreateDate"), "", ret_date))
        return;
    ret_date[0] = '\0';
}

static void check_date(const char *name, const json_t *entry, const struct photo_facts *facts)
{
    char want[64];
    expect_date(entry, want);
    for (size_t i = 0; i < sizeof differences / sizeof *differences; i++)
        if (strcmp(differences[i].name, name) == 0)
            snprintf(want, sizeof want, "%s", differences[i].taken);
    if (strcmp(want, facts->taken) != 0)
        ok(false, "%s: taken \"%s\", want \"%s\"", name, facts->taken, want);
}

/* Whether a line of the list is that keyword. */
static bool has_keyword(const char *list, const json_t *keyword)
{
    char want[1024], lines[2100], number[32];
    snprintf(number, sizeof number, "%lld", (long long)json_integer_value(keyword));
    tidy_text(json_is_integer(keyword) ? number : json_string_value(keyword), want, 1000);
    snprintf(lines, sizeof lines, "\n%s\n", list);
    AUTO_FREE char *line = xasprintf("\n%s\n", want);
    return !want[0] || strstr(lines, line);
}

/* AFCP.jpg has its IPTC records in a trailer behind the picture, which is not read. */
static void check_keywords(const char *name, const json_t *entry, const struct photo_facts *facts)
{
    static const char *const keys[] = {"XMP-dc:Subject", "IPTC:Keywords", "IPTC2:Keywords"};
    size_t listed = 0;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *value = json_object_get(entry, keys[i]);
        size_t n = json_is_array(value) ? json_array_size(value) : value != NULL;
        listed += n;
        for (size_t k = 0; k < n; k++) {
            const json_t *keyword = json_is_array(value) ? json_array_get(value, k) : value;
            if (!has_keyword(facts->keywords, keyword) && !strstr(name, "images__AFCP.jpg"))
                ok(false, "%s: no keyword \"%s\" in \"%s\"", name, json_string_value(keyword),
                   facts->keywords);
        }
    }
    if (!listed && facts->keywords[0])
        ok(false, "%s: keywords \"%s\", exiftool has none", name, facts->keywords);
}

#define KEYS(...)         \
    (const char *const[]) \
    {                     \
        __VA_ARGS__, NULL \
    }

static void check_camera(const char *name, const json_t *entry, const struct photo_facts *f)
{
    check_text(name, entry, f->make, KEYS("IFD0:Make", "XMP-tiff:Make"));
    check_text(name, entry, f->model, KEYS("IFD0:Model", "XMP-tiff:Model"));
    check_text(name, entry, f->lens, KEYS("ExifIFD:LensModel", "XMP-exifEX:LensModel"));
    check_number(name, entry, f->exposure, KEYS("ExifIFD:ExposureTime", "XMP-exif:ExposureTime"));
    check_number(name, entry, f->aperture, KEYS("ExifIFD:FNumber", "XMP-exif:FNumber"));
    check_number(name, entry, f->iso, KEYS("ExifIFD:ISO", "XMP-exif:ISO"));
    check_number(name, entry, f->focal_length, KEYS("ExifIFD:FocalLength", "XMP-exif:FocalLength"));
}

static void check_words(const char *name, const json_t *entry, const struct photo_facts *f)
{
    check_text(name, entry, f->title, KEYS("XMP-dc:Title"));
    check_text(name, entry, f->description, KEYS("XMP-dc:Description", "IPTC:Caption-Abstract"));
    check_number(name, entry, f->rating, KEYS("XMP-xmp:Rating"));
    check_keywords(name, entry, f);
}

static void check_place(const char *name, const json_t *entry, const struct photo_facts *facts)
{
    const json_t *latitude = json_object_get(entry, "Composite:GPSLatitude");
    const json_t *longitude = json_object_get(entry, "Composite:GPSLongitude");
    bool want = json_is_number(latitude) && json_is_number(longitude);
    /* A tenth of a metre: exiftool prints 15 digits. */
    bool same = want == facts->has_place &&
                (!want || (fabs(json_number_value(latitude) - facts->latitude) < 1e-6 &&
                           fabs(json_number_value(longitude) - facts->longitude) < 1e-6));
    check_number(name, entry, facts->altitude, KEYS("Composite:GPSAltitude"));
    if (!same)
        ok(false, "%s: place %d %f %f", name, facts->has_place, facts->latitude, facts->longitude);
}

static void check_orientation(const char *name, const json_t *entry, const struct file *file)
{
    struct metadata exif = {0};
    const char *type = text_of(entry, "File:FileType");
    if (strcmp(type, "JPEG") != 0)
        return;
    jpeg_facts_add(file->data, file->size, &exif);
    long long want = json_integer_value(json_object_get(entry, "IFD0:Orientation"));
    if (exif.orientation != want)
        ok(false, "%s: orientation %d, exiftool has %lld", name, exif.orientation, want);
}

/* Whether the file is a picture that can be read. */
static bool check_file(const json_t *entry)
{
    const char *name = text_of(entry, "SourceFile");
    char path[4096], relative[1024];
    struct error err = ERROR_INIT;
    struct file file;
    name = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
    snprintf(relative, sizeof relative, FOLDER "%s", name);
    if (file_read(shared_path(path, sizeof path, relative), LIMIT_PHOTO_FILE_BYTES, &file, &err))
        return false;
    struct image *image = NULL;
    struct photo_facts facts;
    struct decode_options options = {.short_edge_px = 16};
    bool read = !image_decode(file.data, file.size, &options, &image, &facts, &err);
    if (read) {
        check_date(name, entry, &facts);
        check_place(name, entry, &facts);
        check_camera(name, entry, &facts);
        check_words(name, entry, &facts);
        check_orientation(name, entry, &file);
    } else {
        diag("%s: %s", name, err.message);
    }
    image_free(image);
    file_release(&file);
    return read;
}

/* Public reports of facts that programs get wrong, and what is right (faults/pictures/INDEX.tsv).
 */
static const struct {
    const char *name;
    int width, height;
    const char *taken, *make, *model;
    double latitude, longitude;
} reports[] = {
    {"gps_srational.jpg", 96, 64, "2019-04-09T16:19:13", "Nokia", "X", 60.1467, 24.9068},
    {"geodegrees_as_string.jpg", 205, 102, "2014-04-26T19:09:19", "HTC", "HTC One_M8", 52.0139,
     11.0028},
    {"gps_ascii_degrees.jpg", 96, 64, "2014-09-01T15:03:47", "Pixel", "6a", 52.0139, 11.0028},
    {"ptr_type13.jpg", 96, 64, "2016-01-06T10:11:06", "Nokia", "X", 60.1467, 24.9068},
    {"exif3_utf8_129.jpg", 96, 64, "2023-06-22T10:00:00", "Nokia-\xC3\xA9", "Mod\xC3\xA8le 3", 0,
     0},
    {"orient_sshort.jpg", 64, 96, NULL, "N", NULL, 0, 0},
    {"orient_byte.jpg", 64, 96, NULL, "N", NULL, 0, 0},
    {"orient_dup_first0.jpg", 64, 96, NULL, "N", NULL, 0, 0},
    {"orient_in_exififd.jpg", 64, 96, NULL, "Nokia", "X", 0, 0},
    {"date_dto_in_ifd0.jpg", 96, 64, "2017-07-17T17:17:17", "Nokia", "X", 0, 0},
    {"two_exif_first_empty.jpg", 64, 96, "2014-05-06T07:08:09", "Nokia", "X", 60.1467, 24.9068},
    {"p_creation_time_text.png", 120, 80, "2021-04-05T06:07:08+00:00", "", "", 0, 0},
    {"p_raw_profile_exif_ztxt.png", 80, 120, "2015-05-05T05:05:05", "Scan", "", 60.1467, 24.9068},
    {"date_default_20021208.jpg", 96, 64, "", "Nokia", "X", 0, 0},
    {"date_default_1970.jpg", 96, 64, "", "Nokia", "X", 0, 0},
    {"date_default_0001.jpg", 96, 64, "", "Nokia", "X", 0, 0},
    {"date_default_1945.jpg", 96, 64, "1945-05-08T12:30:00", "Nokia", "X", 0, 0},
    {"gpsdate_only.jpg", 96, 64, "2023-11-15T12:30:00+00:00", "Nokia", "X", 60.1467, 24.9068},
    {"date_ampm.jpg", 96, 64, "2019-07-04T18:30:00", "Nokia", "X", 0, 0},
    {"date_ampm_short.jpg", 96, 64, "2019-07-04T06:30:00", "Nokia", "X", 0, 0},
    {"date_only.jpg", 96, 64, "2019-07-04", "Nokia", "X", 0, 0},
    {"date_nosec.jpg", 96, 64, "2019-07-04T18:30:00", "Nokia", "X", 0, 0},
    {"date_sec60.jpg", 96, 64, "2016-12-31T23:59:59", "Nokia", "X", 0, 0},
    {"date_space_pad.jpg", 96, 64, "2019-07-04T06:30:05", "Nokia", "X", 0, 0},
    {"date_zone_inline.jpg", 96, 64, "2019-07-04T18:30:00+02:00", "Nokia", "X", 0, 0},
    {"date_zero_then_digitized.jpg", 96, 64, "2012-02-03T04:05:06", "Nokia", "X", 0, 0},
    {"date_offset_nocolon.jpg", 96, 64, "2019-07-04T18:30:00", "Nokia", "X", 0, 0},
    {"dto_19_no_nul.jpg", 96, 64, "2024-02-14T13:00:00", "Pixel", "6a", 0, 0},
    {"gps_decimal1.jpg", 96, 64, "2019-08-04T01:00:00", "Nokia", "X", -38.0253, 145.2891},
    {"make_utf16.jpg", 96, 64, NULL, "Nikon", NULL, 0, 0},
    {"w_exif6_noprefix.webp", 240, 320, NULL, NULL, NULL, 60.1467, 24.9068},
    {"stereo.mpo", 0, 0, NULL, NULL, NULL, 0, 0},
    {"scan_modifydate_vs_xmp.jpg", 96, 64, "1974-08-30T10:00:00", "Nokia", "X", 0, 0},
};

static bool is_as(const char *got, const char *want)
{
    return !want || strcmp(got, want) == 0;
}

static void check_report(size_t i)
{
    char path[4096], relative[1024];
    struct error err = ERROR_INIT;
    struct file file;
    snprintf(relative, sizeof relative, "faults/pictures/%s", reports[i].name);
    if (file_read(shared_path(path, sizeof path, relative), LIMIT_PHOTO_FILE_BYTES, &file, &err)) {
        skip("%s is not there", path);
        return;
    }
    struct image *image = NULL;
    struct photo_facts f = {0};
    bool good = !image_decode(file.data, file.size, NULL, &image, &f, &err);
    int width = reports[i].width ? reports[i].width : f.width;
    good = good && image->width == width && f.width == width &&
           (!reports[i].height || image->height == reports[i].height) &&
           is_as(f.taken, reports[i].taken) && is_as(f.make, reports[i].make) &&
           is_as(f.model, reports[i].model) && f.has_place == (reports[i].latitude != 0) &&
           fabs(f.latitude - reports[i].latitude) < 1e-4 &&
           fabs(f.longitude - reports[i].longitude) < 1e-4;
    if (!ok(good, "%s", reports[i].name))
        diag("%s %d x %d \"%s\" \"%s\" \"%s\" %f %f", err.message, f.width, f.height, f.taken,
             f.make, f.model, f.latitude, f.longitude);
    image_free(image);
    file_release(&file);
}

/* Two people in a photo that is stored upright, and in one that is stored turned: the same boxes.
 * The values are those that exiftool -struct -RegionInfo shows for the upright one, as corners. */
static void check_faces(const char *name)
{
    static const struct photo_region want[] = {
        {"Marie Curie", true, 0.368452 - 0.113095 / 2, 0.307857 - 0.198571 / 2, 0.113095, 0.198571},
        {"Pierre Curie", true, 0.6875 - 0.0964286 / 2, 0.239286 - 0.241429 / 2, 0.0964286,
         0.241429}};
    char path[4096], relative[1024];
    struct error err = ERROR_INIT;
    struct file file;
    struct image *image = NULL;
    struct decode_extras extras = {0};
    struct decode_options options = {.short_edge_px = 16, .extras = &extras};
    snprintf(relative, sizeof relative, FOLDER "%s", name);
    if (file_read(shared_path(path, sizeof path, relative), LIMIT_PHOTO_FILE_BYTES, &file, &err)) {
        skip("%s is not there", path);
        return;
    }
    bool same =
        !image_decode(file.data, file.size, &options, &image, NULL, &err) && extras.regions.n == 2;
    for (size_t i = 0; same && i < 2; i++) {
        const struct photo_region *r = &extras.regions.items[i];
        same = strcmp(r->name, want[i].name) == 0 && r->has_box && fabs(r->x - want[i].x) < 1e-5 &&
               fabs(r->y - want[i].y) < 1e-5 && fabs(r->width - want[i].width) < 1e-5 &&
               fabs(r->height - want[i].height) < 1e-5;
    }
    ok(same, "faces of %s", name);
    image_free(image);
    file_release(&file);
}

int main(void)
{
    check_faces("immich-app+test-assets__metadata__faces__portrait.jpg");
    check_faces("immich-app+test-assets__metadata__faces__portrait-orientation-6.jpg");
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
        check_report(i);
    char path[4096];
    json_t *owned;
    struct error err = ERROR_INIT;
    if (!shared_exists(FOLDER "exiftool.json")) {
        skip("%s is not there", shared_path(path, sizeof path, FOLDER "exiftool.json"));
        return done_testing();
    }
    if (json_read_file(shared_path(path, sizeof path, FOLDER "exiftool.json"), 64 << 20, &owned,
                       &err)) {
        ok(false, "%s", err.message);
        return done_testing();
    }
    AUTO_JSON *entries = owned;
    size_t i, read = 0;
    json_t *entry;
    json_array_foreach(entries, i, entry) read += check_file(entry);
    for (i = 0; i < sizeof differences / sizeof *differences; i++)
        diag("not as exiftool: %s: %s", differences[i].name, differences[i].why);
    /* Three are cut or broken, one entry is the list itself. */
    ok(read >= 206, "%zu of %zu files are read, and agree with exiftool", read,
       json_array_size(entries));
    return done_testing();
}
