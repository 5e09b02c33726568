/* SPDX-License-Identifier: MIT */
/* Dates, zones, places, cameras, lenses and orientation of 210 public files against exiftool's
 * reading of them (shared metadata/exiftool.json: exiftool -j -n -G1). */
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "image/exif.h"
#include "image/image.h"
#include "image/jpeg_facts.h"
#include "shared.h"
#include "tap.h"

#define FOLDER "metadata/"

/* Where keepsake says something else than exiftool's original and creation dates, and why. */
static const struct {
    const char *name, *taken, *why;
} differences[] = {
    {"bigcat88+pillow_heif__docs__resources__pillow-heif-logo.png", "2022-04-29T23:14:13",
     "DateTime alone, of an eXIf chunk: the best guess when nothing else is there"},
    {"ianare+exif-samples__jpg__tests__67-0_length_string.jpg", "2016-09-12T10:05:31",
     "DateTime alone"},
    {"ianare+exif-samples__tiff__DudleyLeavittUtah.tiff", "2009-09-26T01:11:52", "DateTime alone"},
    {"ianare+exif-samples__tiff__Cr\xC3\xA9mieux11.tiff", "2012-01-09T22:52:11", "DateTime alone"},
    {"ianare+exif-samples__jpg__Canon_40D_photoshop_import.jpg", "2008-07-31T10:05:49",
     "DateTime alone"},
    {"immich-app+test-assets__formats__png__density_plot.png", "2007-02-13T06:34:38",
     "DateTime alone"},
    {"exiftool+exiftool__t__images__InfiRay.jpg", "2023-02-08T12:24:35", "DateTime alone"},
    {"immich-app+test-assets__metadata__gps-position__thompson-springs.jpg",
     "2022-01-10T21:15:33+00:00", "the date of the satellites, which the list leaves out"},
};

static const char *text_of(const json_t *entry, const char *key)
{
    const char *text = json_string_value(json_object_get(entry, key));
    return text ? text : "";
}

/* A model may be a number to exiftool's JSON. */
static void is_same_text(const char *name, const json_t *entry, const char *key, const char *got)
{
    char want[256];
    const json_t *value = json_object_get(entry, key);
    if (json_is_integer(value))
        snprintf(want, sizeof want, "%lld", (long long)json_integer_value(value));
    else
        snprintf(want, sizeof want, "%s", text_of(entry, key));
    size_t n = strlen(want), start = strspn(want, " ");
    while (n > 0 && want[n - 1] == ' ')
        want[--n] = '\0';
    if (strcmp(want + (start < n ? start : n), got) != 0)
        ok(false, "%s: %s is \"%s\", exiftool has \"%s\"", name, key, got, want);
}

/* "2019:07:04 18:30:00.25" with its zone as keepsake writes it; "" for a date that is none. */
static void expect_date(const json_t *entry, char ret_date[64])
{
    const char *date = text_of(entry, "ExifIFD:DateTimeOriginal");
    if (!date[0])
        date = text_of(entry, "ExifIFD:CreateDate");
    ret_date[0] = '\0';
    if (strlen(date) < 19 || strncmp(date, "0000", 4) == 0)
        return;
    snprintf(ret_date, 64, "%.4s-%.2s-%.2sT%.8s%s", date, date + 5, date + 8, date + 11,
             text_of(entry, "ExifIFD:OffsetTimeOriginal"));
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

static void check_place(const char *name, const json_t *entry, const struct photo_facts *facts)
{
    const json_t *latitude = json_object_get(entry, "Composite:GPSLatitude");
    const json_t *longitude = json_object_get(entry, "Composite:GPSLongitude");
    bool want = json_is_number(latitude) && json_is_number(longitude);
    /* A tenth of a metre: exiftool prints 15 digits. */
    bool same = want == facts->has_place &&
                (!want || (fabs(json_number_value(latitude) - facts->latitude) < 1e-6 &&
                           fabs(json_number_value(longitude) - facts->longitude) < 1e-6));
    if (!same)
        ok(false, "%s: place %d %f %f", name, facts->has_place, facts->latitude, facts->longitude);
}

static void check_orientation(const char *name, const json_t *entry, const struct file *file)
{
    struct exif exif = {0};
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
        is_same_text(name, entry, "IFD0:Make", facts.make);
        is_same_text(name, entry, "IFD0:Model", facts.model);
        is_same_text(name, entry, "ExifIFD:LensModel", facts.lens);
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
    /* The true date is in XMP, which is not read yet; that of the edit would be a wrong one. */
    {"scan_modifydate_vs_xmp.jpg", 96, 64, "", "Nokia", "X", 0, 0},
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

int main(void)
{
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
