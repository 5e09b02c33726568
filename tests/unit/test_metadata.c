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

int main(void)
{
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
