/* SPDX-License-Identifier: MIT */
/* Random trees of criteria over photos that the test itself knows, and what they let through: by a
 * naive evaluator that shares nothing with the program. */
#pragma once

#include <time.h>

#include "query/criteria.h"
#include "store/albums.h"
#include "store_fixture.h"

enum { N = 400, LABELS = 4, MOST_PARTS = 4 };

/* A photo as the test itself knows it. */
struct known {
    struct fixture_photo row;
    unsigned labels; /* a bit for each name */
    unsigned album;  /* 1: put in the album by hand, 2: left out */
    int64_t id;
};

static const char *const folders[] = {"/p",    "/p/trip", "/p/trip2", "/p/trip0",
                                      "/p/tr", "/q",      "/p/Trip",  "/p/trip\xff"};
static const char *const names[] = {"img",       "IMG_",   "caf\u00e9",    "a\\b",        "x.y",
                                    "\xe9t\xe9", "\u6d77", "ScreenShot_1", "\u622a\u5c4f"};
static const char *const makes[] = {"Canon", "NIKON CORPORATION", "", "Fuji_%", "H\u00f6ft"};
static const char *const labels[LABELS] = {"Mia", "Gro\u00dfmutter", "will", "100%"};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static size_t pick(uint64_t *state, size_t n)
{
    return (size_t)(fixture_random(state) % n);
}

static void make_date(uint64_t *state, char *ret_date, size_t size, int form)
{
    int year = 2018 + (int)pick(state, 3), month = 1 + (int)pick(state, 12);
    int day = 1 + (int)pick(state, 28);
    static const int lengths[] = {4, 7, 10, 19};
    snprintf(ret_date, size, "%04d-%02d-%02dT%02d:30:00", year, month, day, (int)pick(state, 24));
    ret_date[lengths[form]] = '\0';
}

/* ---- a tree, as the test writes it down ---- */

struct spec {
    enum criteria_kind kind;
    struct spec *parts[MOST_PARTS];
    size_t count;
    const char *name; /* of a leaf */
    enum criteria_compare compare;
    char values[3][64];
    size_t n;
    int64_t ids[N];
};

static void free_spec(struct spec *spec)
{
    for (size_t i = 0; i < spec->count; i++)
        free_spec(spec->parts[i]);
    free(spec);
}

static void set_value(struct spec *spec, const char *text)
{
    snprintf(spec->values[spec->n++], sizeof spec->values[0], "%s", text);
}

static enum criteria_compare pick_order(uint64_t *state)
{
    static const enum criteria_compare orders[] = {CRITERIA_IS,      CRITERIA_BELOW,
                                                   CRITERIA_AT_MOST, CRITERIA_AT_LEAST,
                                                   CRITERIA_ABOVE,   CRITERIA_WITHIN};
    return orders[pick(state, COUNT(orders))];
}

static void make_dates(struct spec *spec, uint64_t *state)
{
    char first[32], second[32];
    spec->name = pick(state, 2) ? "date" : "taken";
    spec->compare = pick_order(state);
    make_date(state, first, sizeof first, (int)pick(state, 3));
    make_date(state, second, sizeof second, (int)pick(state, 3));
    if (spec->compare == CRITERIA_WITHIN) { /* apart by a year at least */
        memcpy(first, "2018", 4);
        memcpy(second, "2019", 4);
    }
    set_value(spec, first);
    if (spec->compare == CRITERIA_WITHIN || (spec->compare == CRITERIA_IS && pick(state, 2)))
        set_value(spec, second);
}

static void make_numbers(struct spec *spec, uint64_t *state)
{
    static const struct {
        const char *name, *values[4];
    } cases[] = {
        {"width", {"400", "800.5", "801", "3000"}},
        {"height", {"0", "401", "800", "4000"}},
        {"size", {"1001", "1100", "1200.5", "1300"}},
        {"megapixels", {"0.16", "0.64", "2.5", "12"}},
        {"latitude", {"-90", "-10", "0", "45.5"}},
        {"longitude", {"-180", "-1e1", "0", "179"}},
        {"month", {"1", "4", "7", "12"}},
        {"hour", {"0", "5", "12", "23"}},
        {"weekday", {"1", "3", "6", "7"}},
    };
    size_t which = pick(state, COUNT(cases)), a = pick(state, 4), b = pick(state, 4);
    spec->name = cases[which].name;
    spec->compare = pick_order(state);
    bool two = spec->compare == CRITERIA_WITHIN || (spec->compare == CRITERIA_IS && pick(state, 2));
    bool wraps = which >= 6; /* months, hours and weekdays go round */
    if (two && !wraps && a > b) {
        size_t swapped = a;
        a = b;
        b = swapped;
    }
    set_value(spec, cases[which].values[a]);
    if (two)
        set_value(spec, cases[which].values[b]);
}

static void make_words(struct spec *spec, uint64_t *state)
{
    static const char *const words[][2] = {
        {"is", "portrait"}, {"is", "landscape"},  {"is", "square"},
        {"is", "panorama"}, {"is", "screenshot"}, {"is", "damaged"},
        {"has", "date"},    {"has", "place"},     {"has", "label"}};
    size_t which = pick(state, COUNT(words));
    spec->name = words[which][0];
    set_value(spec, words[which][1]);
    if (pick(state, 3) == 0)
        set_value(spec, words[which < 6 ? pick(state, 6) : 6 + pick(state, 3)][1]);
}

static void make_texts(struct spec *spec, uint64_t *state)
{
    static const char *const cases[][2] = {
        {"make", "canon"},     {"make", "CORPORATION"}, {"make", "_%"},     {"make", "h\u00f6ft"},
        {"lens", "50MM f1.8"}, {"lens", "mm"},          {"format", "JPEG"}, {"format", "heic"}};
    size_t which = pick(state, COUNT(cases));
    spec->name = cases[which][0];
    spec->compare = pick(state, 2) ? CRITERIA_IS : CRITERIA_HAS;
    set_value(spec, cases[which][1]);
    if (pick(state, 3) == 0)
        set_value(spec, cases[pick(state, COUNT(cases))][1]);
}

static void make_place(struct spec *spec, uint64_t *state)
{
    static const char *const globs[] = {"*.jpg",   "IMG*",    "caf?1*",    "*\\*",
                                        "?.y*",    "*",       "img1?",     "???1*",
                                        "*9.HE?C", "\u6d77*", "**2**.jpg", "x[.]y*"};
    if (pick(state, 2)) {
        spec->name = "folder";
        set_value(spec, folders[pick(state, COUNT(folders))]);
        if (pick(state, 4) == 0)
            set_value(spec, "/q/");
    } else {
        spec->name = "name";
        set_value(spec, globs[pick(state, COUNT(globs))]);
    }
}

/* Quoted words, and the same in the spelling of `names`, `folders` and `labels` where they occur.
 */
static const struct {
    const char *words, *spellings[3];
} writings[] = {
    {"IMG", {"img", "IMG"}},
    {"Caf\u00c9", {"caf\u00e9"}},
    {"cafe", {"caf\u00e9"}},
    {"trip", {"trip", "Trip"}},
    {"/TRIP2/", {"/trip2/"}},
    {"\uff29\uff2d\uff27_", {"IMG_"}},
    {"\u6d77", {"\u6d77"}},
    {"a\\B", {"a\\b"}},
    {"gro\u00dfMUTTER", {"Gro\u00dfmutter"}},
    {"grossm", {"Gro\u00dfmutter"}},
    {"00%", {"100%"}},
    {"X.Y1", {"x.y1"}},
    {"a_b", {NULL}},
    {"nothing", {NULL}},
};

static void make_written(struct spec *spec, uint64_t *state)
{
    spec->name = "text";
    set_value(spec, writings[pick(state, COUNT(writings))].words);
    if (pick(state, 3) == 0)
        set_value(spec, writings[pick(state, COUNT(writings))].words);
}

/* Words, and the towns and regions in whose names they are. */
static const char *const town_names[] = {"New York City", "S\u00e3o Paulo", "Baden-Baden",
                                         "Porto",         "Porto Alegre",   ""};
static const struct {
    const char *words, *names[2];
} town_words[] = {
    {"new YORK", {"New York City"}},      {"york", {"New York City"}},
    {"sao paulo", {"S\u00e3o Paulo"}},    {"baden baden", {"Baden-Baden"}},
    {"porto", {"Porto", "Porto Alegre"}}, {"\uff30orto", {"Porto", "Porto Alegre"}},
    {"Alegre", {"Porto Alegre"}},         {"port", {NULL}},
};

static void make_towns(struct spec *spec, uint64_t *state)
{
    spec->name = "place";
    set_value(spec, town_words[pick(state, COUNT(town_words))].words);
    if (pick(state, 3) == 0)
        set_value(spec, town_words[pick(state, COUNT(town_words))].words);
}

static void make_near(struct spec *spec, uint64_t *state)
{
    spec->name = "near";
    set_value(spec, pick(state, 2) ? "38.7" : "-89.5");
    set_value(spec, pick(state, 2) ? "179.9" : "-9.1");
    set_value(spec, pick(state, 2) ? "3000" : "9000");
}

static void make_labels(struct spec *spec, uint64_t *state)
{
    static const char *const written[] = {"MIA", "grossmutter", "Will", "100%", "nobody"};
    spec->name = "label";
    set_value(spec, written[pick(state, COUNT(written))]);
    if (pick(state, 3) == 0)
        set_value(spec, written[pick(state, COUNT(written))]);
}

static void make_album(struct spec *spec, uint64_t *state)
{
    spec->name = pick(state, 2) ? "album_in" : "album_out";
    set_value(spec, pick(state, 4) ? "GR\u00dcSSE" : "nobody");
    if (pick(state, 3) == 0)
        set_value(spec, "gr\u00fc\u00dfe");
}

static void make_ids(struct spec *spec, uint64_t *state, const struct known *photos)
{
    spec->name = "id";
    for (spec->n = 0; spec->n < pick(state, 60); spec->n++)
        spec->ids[spec->n] = pick(state, 9) ? photos[pick(state, N)].id : -5;
}

static struct spec *make_spec(uint64_t *state, const struct known *photos, int depth)
{
    struct spec *spec = xcalloc(1, sizeof *spec);
    if (depth > 0 && pick(state, 3)) {
        static const enum criteria_kind kinds[] = {CRITERIA_ALL, CRITERIA_ANY, CRITERIA_NOT};
        spec->kind = kinds[pick(state, 3)];
        size_t n = spec->kind == CRITERIA_NOT ? 1
                   : pick(state, 12)          ? 2 + pick(state, 3)
                                              : pick(state, 2);
        while (spec->count < n)
            spec->parts[spec->count++] = make_spec(state, photos, depth - 1);
        return spec;
    }
    spec->kind = CRITERIA_LEAF;
    switch (pick(state, 11)) {
    case 0:
        make_dates(spec, state);
        break;
    case 1:
        make_numbers(spec, state);
        break;
    case 2:
        make_words(spec, state);
        break;
    case 3:
        make_texts(spec, state);
        break;
    case 4:
        make_near(spec, state);
        break;
    case 5:
        make_labels(spec, state);
        break;
    case 6:
        make_ids(spec, state, photos);
        break;
    case 7:
        make_written(spec, state);
        break;
    case 8:
        make_towns(spec, state);
        break;
    case 9:
        make_album(spec, state);
        break;
    default:
        make_place(spec, state);
    }
    return spec;
}

/* ---- the same answers, computed otherwise ---- */

static int ascii_lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static bool is_equal_text(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (ascii_lower((unsigned char)a[i]) != ascii_lower((unsigned char)b[i]))
            return false;
    return true;
}

static bool text_holds(const char *text, enum criteria_compare compare, const char *value)
{
    size_t n = strlen(text), m = strlen(value);
    if (compare == CRITERIA_IS)
        return n == m && is_equal_text(text, value, n);
    for (size_t at = 0; at + m <= n; at++)
        if (is_equal_text(text + at, value, m))
            return true;
    return false;
}

static bool number_holds(double number, const struct spec *spec, size_t i)
{
    double value = atof(spec->values[i]);
    switch (spec->compare) {
    case CRITERIA_BELOW:
        return number < value;
    case CRITERIA_AT_MOST:
        return number <= value;
    case CRITERIA_AT_LEAST:
        return number >= value;
    case CRITERIA_ABOVE:
        return number > value;
    case CRITERIA_WITHIN: {
        double last = atof(spec->values[1]);
        return value <= last ? number >= value && number <= last
                             : number >= value || number <= last;
    }
    default:
        return number == value;
    }
}

/* The day, month or year that a date names as a number, of the same length as another's. */
static int date_number(const char *text, size_t length)
{
    char digits[16] = "";
    size_t n = 0;
    for (size_t i = 0; i < length; i++)
        if (text[i] != '-')
            digits[n++] = text[i];
    digits[n] = '\0';
    return atoi(digits);
}

static bool date_holds(const char *taken, const struct spec *spec, size_t i)
{
    const char *value = spec->values[i];
    int own = date_number(taken, strlen(value)), named = date_number(value, strlen(value));
    switch (spec->compare) {
    case CRITERIA_BELOW:
        return own < named;
    case CRITERIA_AT_MOST:
        return own <= named;
    case CRITERIA_AT_LEAST:
        return own >= named;
    case CRITERIA_ABOVE:
        return own > named;
    case CRITERIA_WITHIN:
        return own >= named && date_number(taken, strlen(spec->values[1])) <=
                                   date_number(spec->values[1], strlen(spec->values[1]));
    default:
        return own == named;
    }
}

/* By recursion over all that a star may stand for. */
static bool glob_holds(const char *glob, const char *name)
{
    if (!*glob)
        return !*name;
    if (*glob == '*')
        return glob_holds(glob + 1, name) || (*name && glob_holds(glob, name + 1));
    if (*glob == '?') {
        size_t n = 1;
        while (*name && (*name & 0xc0) == 0xc0 && (name[n] & 0xc0) == 0x80)
            n++;
        return *name && glob_holds(glob + 1, name + n);
    }
    return ascii_lower((unsigned char)*glob) == ascii_lower((unsigned char)*name) &&
           glob_holds(glob + 1, name + 1);
}

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    while (length && folder[length - 1] == '/')
        length--;
    return strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

static bool label_holds(unsigned has, const char *value)
{
    static const char *const written[LABELS] = {"MIA", "grossmutter", "Will", "100%"};
    for (unsigned i = 0; i < LABELS; i++)
        if (strcmp(value, written[i]) == 0)
            return has >> i & 1;
    return false;
}

static bool written_holds(const struct known *photo, const char *words)
{
    for (size_t i = 0; i < COUNT(writings); i++)
        for (size_t k = 0; strcmp(writings[i].words, words) == 0 && k < 3; k++) {
            const char *spelling = writings[i].spellings[k];
            if (spelling && strstr(photo->row.path, spelling))
                return true;
            for (unsigned l = 0; spelling && l < LABELS; l++)
                if (photo->labels >> l & 1 && strstr(labels[l], spelling))
                    return true;
        }
    return false;
}

static bool town_holds(const struct photo_facts *f, const char *words)
{
    for (size_t i = 0; i < COUNT(town_words); i++)
        for (size_t k = 0; strcmp(town_words[i].words, words) == 0 && k < 2; k++) {
            const char *name = town_words[i].names[k];
            if (name && (strcmp(name, f->town) == 0 || strcmp(name, f->region) == 0))
                return true;
        }
    return false;
}

static bool word_holds(const struct known *photo, const char *word)
{
    const struct photo_facts *f = &photo->row.facts;
    int w = f->width, h = f->height;
    if (strcmp(word, "date") == 0)
        return f->taken[0];
    if (strcmp(word, "place") == 0)
        return f->has_place;
    if (strcmp(word, "label") == 0)
        return photo->labels;
    if (strcmp(word, "damaged") == 0)
        return f->damage[0];
    if (strcmp(word, "screenshot") == 0)
        return strstr(photo->row.path, "ScreenShot") || strstr(photo->row.path, "\u622a\u5c4f");
    if (!w || !h)
        return false;
    return strcmp(word, "portrait") == 0    ? h > w
           : strcmp(word, "landscape") == 0 ? w > h
           : strcmp(word, "square") == 0    ? w == h
                                            : w >= 2 * h || h >= 2 * w;
}

/* Degrees between two directions, by the angle of their unit vectors. */
static bool near_holds(const struct photo_facts *f, const struct spec *spec)
{
    double a[3], b[3], rad = acos(-1) / 180;
    double places[2][2] = {{f->latitude, f->longitude},
                           {atof(spec->values[0]), atof(spec->values[1])}};
    double *vectors[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        vectors[i][0] = cos(places[i][0] * rad) * cos(places[i][1] * rad);
        vectors[i][1] = cos(places[i][0] * rad) * sin(places[i][1] * rad);
        vectors[i][2] = sin(places[i][0] * rad);
    }
    double cosine = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    return f->has_place && acos(fmax(-1, fmin(1, cosine))) * 6371.0088 <= atof(spec->values[2]);
}

/* *ret_known: false where the photo lacks the fact. */
static double number_of(const struct known *photo, const char *name, bool *ret_known)
{
    const struct photo_facts *f = &photo->row.facts;
    *ret_known = true;
    if (strcmp(name, "size") == 0)
        return (double)photo->row.change.size;
    if (strcmp(name, "latitude") == 0 || strcmp(name, "longitude") == 0) {
        *ret_known = f->has_place;
        return name[1] == 'a' ? f->latitude : f->longitude;
    }
    if (strcmp(name, "month") == 0 || strcmp(name, "hour") == 0) {
        size_t at = name[0] == 'm' ? 5 : 11;
        *ret_known = strlen(f->taken) >= at + 2;
        return *ret_known ? atoi(f->taken + at) : 0;
    }
    if (strcmp(name, "weekday") == 0) {
        struct tm day = {.tm_hour = 12};
        *ret_known = sscanf(f->taken, "%d-%d-%d", &day.tm_year, &day.tm_mon, &day.tm_mday) == 3;
        day.tm_year -= 1900;
        day.tm_mon--;
        time_t when = timegm(&day);
        return *ret_known && gmtime_r(&when, &day) && day.tm_wday ? day.tm_wday : 7;
    }
    *ret_known = f->width > 0 && f->height > 0;
    return name[0] == 'w'   ? f->width
           : name[0] == 'h' ? f->height
                            : (double)f->width * f->height / 1e6;
}

static bool value_holds(const struct known *photo, const struct spec *spec, size_t i)
{
    const struct photo_facts *f = &photo->row.facts;
    const char *name = spec->name;
    if (strcmp(name, "id") == 0)
        return photo->id == spec->ids[i];
    const char *value = spec->values[i];
    if (strcmp(name, "folder") == 0)
        return is_below(photo->row.path, value);
    if (strcmp(name, "name") == 0)
        return glob_holds(value, strrchr(photo->row.path, '/') + 1);
    if (strcmp(name, "album_in") == 0 || strcmp(name, "album_out") == 0)
        return value[0] != 'n' && photo->album == (name[6] == 'i' ? 1 : 2);
    if (strcmp(name, "label") == 0)
        return label_holds(photo->labels, value);
    if (strcmp(name, "text") == 0)
        return written_holds(photo, value);
    if (strcmp(name, "place") == 0)
        return town_holds(f, value);
    if (strcmp(name, "is") == 0 || strcmp(name, "has") == 0)
        return word_holds(photo, value);
    if (strcmp(name, "date") == 0 || strcmp(name, "taken") == 0)
        return f->taken[0] && date_holds(f->taken, spec, i);
    if (strcmp(name, "make") == 0 || strcmp(name, "lens") == 0 || strcmp(name, "format") == 0) {
        const char *text = name[0] == 'm' ? f->make : name[0] == 'l' ? f->lens : f->format;
        return text[0] && text_holds(text, spec->compare, value);
    }
    bool known;
    double number = number_of(photo, name, &known);
    return known && number_holds(number, spec, i);
}

static bool holds(const struct known *photo, const struct spec *spec)
{
    bool any = false, all = true;
    if (spec->kind == CRITERIA_LEAF && strcmp(spec->name, "near") == 0)
        return near_holds(&photo->row.facts, spec);
    for (size_t i = 0; i < spec->count; i++) {
        bool part = holds(photo, spec->parts[i]);
        any |= part;
        all &= part;
    }
    for (size_t i = 0; spec->kind == CRITERIA_LEAF && !any && i < spec->n; i++)
        any = value_holds(photo, spec, i);
    return spec->kind == CRITERIA_ALL ? all : spec->kind == CRITERIA_NOT ? !any : any;
}

/* Puts some photos in an album, and leaves others out. */
static void fill_album(struct store *store, struct known *photos, uint64_t *state)
{
    struct error err;
    int64_t album, ids[2][N];
    size_t n[2] = {0};
    for (size_t i = 0; i < N; i++) {
        photos[i].album = (unsigned)pick(state, 5);
        if (photos[i].album == 1 || photos[i].album == 2)
            ids[photos[i].album - 1][n[photos[i].album - 1]++] = photos[i].id;
    }
    if (store_add_album(store, "Gr\u00fc\u00dfe", "", &album, &err) ||
        store_set_members(store, album, ids[0], n[0], STORE_MEMBER_PUT_IN, &err) ||
        store_set_members(store, album, ids[1], n[1], STORE_MEMBER_LEFT_OUT, &err))
        ok(false, "album: %s", err.message);
}
