/* SPDX-License-Identifier: MIT */
/* Which files beside a photo belong to it, and what is read from them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "indexer/sidecars.h"
#include "metadata/xmp.h"
#include "tap.h"

#define UUID "original_1d4caa6f-16c6-4c3d-901b-9387de10e528_"
#define LONG "PinClipart.com_gopher-clipart_4000224.jpg"
/* 46 characters of two bytes each. */
#define ACCENTS "éééééééééééééééééééééééééééééééééééééééééééééé"

/* The sidecars that a photo has among the names that are listed, which end with a NULL. */
static const struct {
    const char *photo;
    const char *names[6];
    const char *want; /* names joined by blanks */
} matches[] = {
    {"IMG.jpg", {"IMG.jpg.xmp"}, "IMG.jpg.xmp"},
    {"IMG.jpg", {"IMG.xmp"}, "IMG.xmp"},
    {"IMG.jpg", {"IMG.XMP", "IMG.JPG.xmp", "img.xmp"}, "IMG.XMP"},
    {"IMG.jpg", {"IMG.jpg.xmp", "IMG.xmp", "IMG.jpg.json"}, "IMG.jpg.xmp IMG.xmp IMG.jpg.json"},
    {"IMG.jpg", {"IMG2.xmp", "IMG.png.xmp", "IMG.jpg.txt", ".xmp"}, ""},
    {"IMG", {"IMG.xmp"}, "IMG.xmp"},
    {"IMG.jpg", {"IMG.jpg.supplemental-metadata.json"}, "IMG.jpg.supplemental-metadata.json"},
    {"IMG.jpg", {"IMG.jpg.JSON"}, "IMG.jpg.JSON"},
    {"IMG(1).jpg", {"IMG.jpg(1).json", "IMG.jpg.json"}, "IMG.jpg(1).json"},
    {"IMG.jpg", {"IMG.jpg(1).json"}, ""},
    {"IMG(1).jpg", {"IMG.jpg.json"}, ""},
    {"IMG(12).jpg",
     {"IMG.jpg.supplemental-metadata(12).json", "IMG.jpg.supplemental-metadata(1).json"},
     "IMG.jpg.supplemental-metadata(12).json"},
    {"IMG-edited.jpg", {"IMG.jpg.json"}, "IMG.jpg.json"},
    {"IMG-edited.jpg", {"IMG.jpg.json", "IMG-edited.jpg.json"}, "IMG-edited.jpg.json"},
    {"IMG-edited.jpg",
     {"IMG.HEIC.supplemental-metadata.json"},
     "IMG.HEIC.supplemental-metadata.json"},
    {"IMG-edited(2).jpg", {"IMG.jpg(2).json", "IMG.jpg.json"}, "IMG.jpg(2).json"},
    {"IMG-modifié.jpg", {"IMG.jpg.json"}, "IMG.jpg.json"},
    {"IMG-beach.jpg", {"IMG.jpg.json"}, ""},
    {UUID "P.jpg", {UUID ".json"}, UUID ".json"},
    {UUID "P(1).jpg", {UUID "(1).json", UUID ".json"}, UUID "(1).json"},
    {LONG, {LONG ".supp.json"}, LONG ".supp.json"},
    {LONG, {LONG ".supq.json"}, ""},
    {ACCENTS "é.jpg", {ACCENTS ".json"}, ACCENTS ".json"},
    {"Short name.jpg", {"Short.json", "Short name.json"}, ""},
    {"IMG.jpg", {"metadata.json", "IMG.json", "IMG.png.json"}, ""},
    {"(1).jpg", {"(1).jpg.json"}, "(1).jpg.json"},
};

static void test_names(void)
{
    for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
        struct sidecar_names names = {NULL, 0, 0};
        struct sidecar_set set;
        char got[1024] = "";
        for (size_t k = 0; k < 6 && matches[i].names[k]; k++)
            sidecar_names_add(&names, matches[i].names[k]);
        sidecar_names_sort(&names);
        sidecars_match(&names, matches[i].photo, &set);
        for (size_t k = 0; k < set.n; k++) {
            size_t n = strlen(got);
            snprintf(got + n, sizeof got - n, "%s%s", k ? " " : "", set.items[k].name);
        }
        ok(strcmp(got, matches[i].want) == 0, "sidecars of %s: \"%s\", want \"%s\"",
           matches[i].photo, got, matches[i].want);
        sidecar_names_release(&names);
    }
}

/* ---- what is read ---- */

#define PACKET(properties)                                                                   \
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf="                                \
    "'http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description "                        \
    "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:xmp='http://ns.adobe.com/xap/1.0/' "  \
    "xmlns:exif='http://ns.adobe.com/exif/1.0/' xmlns:tiff='http://ns.adobe.com/tiff/1.0/' " \
    "xmlns:mwg-rs='http://www.metadataworkinggroup.com/schemas/regions/' "                   \
    "xmlns:stArea='http://ns.adobe.com/xmp/sType/Area#' "                                    \
    "xmlns:stDim='http://ns.adobe.com/xap/1.0/sType/Dimensions#' "                           \
    "xmlns:MP='http://ns.microsoft.com/photo/1.2/' "                                         \
    "xmlns:MPRI='http://ns.microsoft.com/photo/1.2/t/RegionInfo#' "                          \
    "xmlns:MPReg='http://ns.microsoft.com/photo/1.2/t/Region#'>" properties                  \
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
#define SUBJECT(word) "<dc:subject><rdf:Bag><rdf:li>" word "</rdf:li></rdf:Bag></dc:subject>"

static struct metadata read_beside(const char *packet, enum sidecar_kind kind, const char *text,
                                   bool first)
{
    struct metadata m = {0};
    struct sidecar sidecar = {kind, (const uint8_t *)text, strlen(text)};
    if (first)
        sidecar_add(&sidecar, &m);
    if (packet)
        xmp_add((const uint8_t *)packet, strlen(packet), &m);
    if (!first)
        sidecar_add(&sidecar, &m);
    return m;
}

static const char inside[] =
    PACKET(SUBJECT("old") "<xmp:Rating>1</xmp:Rating><tiff:Make>Nikon</tiff:Make>"
                          "<exif:DateTimeOriginal>2010-01-02T03:04:05</exif:DateTimeOriginal>");

static void test_precedence(void)
{
    static const char beside[] =
        PACKET(SUBJECT("new") "<xmp:Rating>5</xmp:Rating><tiff:Make>Canon</tiff:Make>"
                              "<exif:DateTimeOriginal>2012-01-02T03:04:05</exif:DateTimeOriginal>");
    for (int first = 0; first < 2; first++) {
        struct metadata m = read_beside(inside, SIDECAR_XMP, beside, first);
        is_str(m.facts.keywords, "new", "keywords of a sidecar replace those of the picture");
        is_int(m.facts.rating, 5, "the rating is the sidecar's");
        is_str(m.facts.make, "Nikon", "the camera is the picture's");
        is_str(m.facts.taken, "2010-01-02T03:04:05", "the date is the picture's");
        is_str(m.facts.taken_from, "", "that date is not from a sidecar");
    }
    struct metadata m = read_beside(NULL, SIDECAR_XMP, beside, false);
    is_str(m.facts.taken, "2012-01-02T03:04:05", "a picture without a date has the sidecar's");
    is_str(m.facts.taken_from, "sidecar", "which says so");
}

#define TAKEOUT(timestamp, more)                                                               \
    "{\"title\":\"IMG.jpg\",\"description\":\"At the sea\",\"photoTakenTime\":{\"timestamp\":" \
    "\"" timestamp "\",\"formatted\":\"x\"}" more "}"

static void test_takeout(void)
{
    struct metadata m = read_beside(
        NULL, SIDECAR_TAKEOUT,
        TAKEOUT("1562265000",
                ",\"geoData\":{\"latitude\":38.7,\"longitude\":-9.1,\"altitude\":12.5},"
                "\"geoDataExif\":{\"latitude\":1,\"longitude\":2},"
                "\"people\":[{\"name\":\"Ana\"},{\"name\":\"\"},{},7,{\"name\":\"Bo\\u0301\"}]"),
        false);
    is_str(m.facts.taken, "2019-07-04T18:30:00+00:00", "Takeout: date -u -d @1562265000");
    is_str(m.facts.taken_from, "sidecar", "Takeout's date is from a sidecar");
    is_str(m.facts.description, "At the sea", "Takeout's description");
    is_str(m.facts.title, "", "Takeout's title is the name of the file");
    ok(m.facts.has_place && m.facts.latitude == 38.7 && m.facts.longitude == -9.1 &&
           m.facts.altitude == 12.5,
       "the place that the owner set");
    ok(m.regions.n == 2 && strcmp(m.regions.items[0].name, "Ana") == 0 &&
           !m.regions.items[0].has_box,
       "two people without boxes");
    m = read_beside(inside, SIDECAR_TAKEOUT, TAKEOUT("1562265000", ""), true);
    is_str(m.facts.taken, "2010-01-02T03:04:05", "a date in the picture before Takeout's");
    m = read_beside(NULL, SIDECAR_TAKEOUT, TAKEOUT("-315619200", ""), false);
    is_str(m.facts.taken, "1960-01-01T00:00:00+00:00", "before 1970: date -u -d @-315619200");
    m = read_beside(NULL, SIDECAR_TAKEOUT, TAKEOUT("951782400", ""), false);
    is_str(m.facts.taken, "2000-02-29T00:00:00+00:00", "a leap day: date -u -d @951782400");
    static const char *const no_dates[] = {"0", "", "x", "99999999999999999999", "3600"};
    for (size_t i = 0; i < sizeof no_dates / sizeof *no_dates; i++) {
        AUTO_FREE char *text =
            xasprintf("{\"photoTakenTime\":{\"timestamp\":\"%s\"}}", no_dates[i]);
        m = read_beside(NULL, SIDECAR_TAKEOUT, text, false);
        ok(!m.facts.taken[0], "\"%s\" is no date", no_dates[i]);
    }
    m = read_beside(NULL, SIDECAR_TAKEOUT,
                    "{\"description\":\"of another program\",\"people\":[{\"name\":\"x\"}]}",
                    false);
    ok(!m.facts.description[0] && !m.regions.n, "JSON of another program adds nothing");
    struct sidecar broken = {SIDECAR_TAKEOUT, (const uint8_t *)"{\"a\":", 5};
    struct sidecar cut = {SIDECAR_XMP, (const uint8_t *)inside, sizeof inside - 40};
    struct sidecar whole = {SIDECAR_XMP, (const uint8_t *)inside, sizeof inside - 1};
    m = (struct metadata){0};
    ok(!sidecar_add(&broken, &m), "broken JSON is reported");
    ok(!sidecar_add(&cut, &m) && m.facts.rating == 1, "cut XML is reported, after it was read");
    ok(sidecar_add(&whole, &m), "whole XML is not");
}

/* ---- regions ---- */

static bool is_region(const struct photo_region *r, const char *name, double x, double y,
                      double width, double height)
{
    return strcmp(r->name, name) == 0 && r->has_box && fabs(r->x - x) < 1e-9 &&
           fabs(r->y - y) < 1e-9 && fabs(r->width - width) < 1e-9 &&
           fabs(r->height - height) < 1e-9;
}

#define REGION(attributes, area) \
    "<rdf:li><rdf:Description " attributes "><mwg-rs:Area " area "/></rdf:Description></rdf:li>"
#define REGIONS(list)                                                                     \
    "<mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:AppliedToDimensions stDim:w='400' " \
    "stDim:h='200' stDim:unit='pixel'/><mwg-rs:RegionList><rdf:Bag>" list                 \
    "</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
#define PERSON(name, rectangle)                                                         \
    "<rdf:li rdf:parseType='Resource'><MPReg:Rectangle>" rectangle "</MPReg:Rectangle>" \
    "<MPReg:PersonDisplayName>" name "</MPReg:PersonDisplayName></rdf:li>"
#define PEOPLE(list)                                                       \
    "<MP:RegionInfo rdf:parseType='Resource'><MPRI:Regions><rdf:Bag>" list \
    "</rdf:Bag></MPRI:Regions></MP:RegionInfo>"

static void test_regions(void)
{
    static const char standard[] = PACKET(REGIONS(
        REGION("mwg-rs:Name='Ana' mwg-rs:Type='Face'",
               "stArea:x='0.5' stArea:y='0.25' stArea:w='0.2' stArea:h='0.1' "
               "stArea:unit='normalized'") "<rdf:li rdf:parseType='Resource'><mwg-rs:Area "
                                           "rdf:parseType='Resource'>"
                                           "<stArea:x>100</stArea:x><stArea:y>50</"
                                           "stArea:y><stArea:w>40</stArea:w><stArea:h>20"
                                           "</stArea:h><stArea:unit>pixel</stArea:unit></"
                                           "mwg-rs:Area><mwg-rs:Name> Rex </mwg-rs:Name>"
                                           "<mwg-rs:Type>Pet</mwg-rs:Type></rdf:li>" REGION(
                                               "mwg-rs:Name='Lens' mwg-rs:Type='Focus'",
                                               "stArea:x='0.5' stArea:y='0.5' stArea:w='0.1' "
                                               "stArea:h='0.1'")
                                               REGION("mwg-rs:Type='Face'",
                                                      "stArea:x='0.5' stArea:y='0.5' "
                                                      "stArea:w='0.1' stArea:h='0.1'")
                                                   REGION("mwg-rs:Name='Edge'",
                                                          "stArea:x='0' stArea:y='0' "
                                                          "stArea:w='0.2' stArea:h='0.2'")
                                                       REGION("mwg-rs:Name='Out'",
                                                              "stArea:x='2' stArea:y='2' "
                                                              "stArea:w='0.2' stArea:h='0.2'")
                                                           REGION("mwg-rs:Name='Point'",
                                                                  "stArea:x='0.5' stArea:y='0.5'"))
                                              PEOPLE(PERSON("Twin", "0.1, 0.1, 0.1, 0.1")));
    struct metadata m = {0};
    xmp_add((const uint8_t *)standard, sizeof standard - 1, &m);
    is_int(m.regions.n, 4, "regions with a name, within the picture, of faces and pets");
    ok(is_region(&m.regions.items[0], "Ana", 0.4, 0.2, 0.2, 0.1), "the area is of the centre");
    ok(is_region(&m.regions.items[1], "Rex", 0.2, 0.2, 0.1, 0.1), "an area in pixels");
    ok(is_region(&m.regions.items[2], "Edge", 0, 0, 0.1, 0.1), "cut at the edge");
    ok(!m.regions.items[3].has_box, "a point is no box");
    static const char windows[] = PACKET(PEOPLE(PERSON("Ana", "0.4, 0.2, 0.2, 0.1") PERSON(
        "Bo", "0.1,0.1,0.1,0.3") PERSON("", "0.1, 0.1, 0.1, 0.1")));
    m = (struct metadata){0};
    xmp_add((const uint8_t *)windows, sizeof windows - 1, &m);
    ok(m.regions.n == 2 && is_region(&m.regions.items[0], "Ana", 0.4, 0.2, 0.2, 0.1) &&
           is_region(&m.regions.items[1], "Bo", 0.1, 0.1, 0.1, 0.3),
       "people as Windows writes them");
    m = read_beside(windows, SIDECAR_XMP, standard, false);
    is_int(m.regions.n, 4, "the regions of a sidecar replace those of the picture");
    m = read_beside(windows, SIDECAR_TAKEOUT, TAKEOUT("1", ",\"people\":[{\"name\":\"Cy\"}]"),
                    true);
    is_int(m.regions.n, 2, "Takeout's people count only if the picture has no regions");
}

int main(void)
{
    test_names();
    test_precedence();
    test_takeout();
    test_regions();
    return done_testing();
}
