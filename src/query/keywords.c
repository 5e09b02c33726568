/* SPDX-License-Identifier: MIT */
/* Contains the table of keywords. A row counts only if its criterion exists. */
#include "query/keywords.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/suggest.h"
#include "places/places.h"

enum { LONGEST_KEYWORD = 24 };

static const struct keyword table[] = {
    {.word = "in",
     .criterion = "folder",
     .form = KEYWORD_FOLDER,
     .example = "trips",
     .about = "in a folder of this name or at this path, and below"},
    {.word = "name",
     .criterion = "name",
     .example = "img_*.jpg",
     .about = "whose file has this name; * stands for anything, ? for one character"},
    {.word = "type",
     .criterion = "format",
     .example = "heic",
     .about = "whose file is of this type"},
    {.word = "is", .criterion = "is", .example = "portrait", .about = "of this shape"},
    {.word = "has", .criterion = "has", .example = "place", .about = "with a date, place or label"},
    {.word = "label",
     .criterion = "label",
     .form = KEYWORD_LABEL,
     .example = "Ana",
     .about = "with this label"},
    {.word = "person",
     .criterion = "label",
     .form = KEYWORD_LABEL,
     .example = "Ana",
     .about = "with this label"},
    {.word = "album",
     .criterion = "album_in",
     .form = KEYWORD_ALBUM,
     .example = "Summer",
     .about = "in this album"},
    {.word = "tag", .criterion = "keywords", .example = "holiday", .about = "with this keyword"},
    {.word = "text",
     .criterion = "text",
     .form = KEYWORD_WRITTEN,
     .example = "invoice",
     .about = "with this in their path, a label or another text, as \"invoice\""},
    {.word = "date",
     .criterion = "date",
     .form = KEYWORD_ORDERED,
     .example = "2015-07..2016",
     .about = "taken in this year, month or day, or between two"},
    {.word = "before",
     .criterion = "date",
     .form = KEYWORD_ORDERED,
     .single = CRITERIA_BELOW,
     .example = "2015",
     .about = "taken before this year, month or day"},
    {.word = "after",
     .criterion = "date",
     .form = KEYWORD_ORDERED,
     .single = CRITERIA_ABOVE,
     .example = "2015",
     .about = "taken after this year, month or day"},
    {.word = "month",
     .criterion = "month",
     .form = KEYWORD_ORDERED,
     .unit = UNIT_MONTH,
     .example = "december",
     .about = "taken in this month of any year"},
    {.word = "weekday",
     .criterion = "weekday",
     .form = KEYWORD_ORDERED,
     .unit = UNIT_DAY,
     .example = "sunday",
     .about = "taken on this day of the week"},
    {.word = "hour",
     .criterion = "hour",
     .form = KEYWORD_ORDERED,
     .example = "18..22",
     .about = "taken in this hour of the day"},
    {.word = "place",
     .criterion = "place",
     .form = KEYWORD_PLACE,
     .example = "lisbon",
     .about = "taken in this town or region"},
    {.word = "country",
     .criterion = "country",
     .form = KEYWORD_PLACE,
     .unit = UNIT_COUNTRY,
     .example = "portugal",
     .about = "taken in this country"},
    {.word = "near",
     .criterion = "near",
     .form = KEYWORD_NEAR,
     .example = "38.7,-9.1,5km",
     .about = "taken at most this far from a place"},
    {.word = "camera",
     .criterion = "model",
     .also = "make",
     .single = CRITERIA_HAS,
     .example = "canon",
     .about = "taken with a camera whose maker or model contains this"},
    {.word = "lens",
     .criterion = "lens",
     .single = CRITERIA_HAS,
     .example = "50mm",
     .about = "taken with a lens whose name contains this"},
    {.word = "iso",
     .criterion = "iso",
     .form = KEYWORD_ORDERED,
     .example = ">1600",
     .about = "taken with this sensitivity"},
    {.word = "f",
     .criterion = "aperture",
     .form = KEYWORD_ORDERED,
     .example = "<2.8",
     .about = "taken with this f-number"},
    {.word = "mm",
     .criterion = "focal_length",
     .form = KEYWORD_ORDERED,
     .example = "35..70",
     .about = "taken with this focal length in millimetres"},
    {.word = "exposure",
     .criterion = "exposure",
     .form = KEYWORD_ORDERED,
     .unit = UNIT_SECONDS,
     .example = "<1/200",
     .about = "taken with this exposure time in seconds"},
    {.word = "size",
     .criterion = "size",
     .form = KEYWORD_ORDERED,
     .unit = UNIT_BYTES,
     .example = ">5MB",
     .about = "whose file has this size"},
    {.word = "mp",
     .criterion = "megapixels",
     .form = KEYWORD_ORDERED,
     .example = ">12",
     .about = "with this number of megapixels"},
    {.word = "rating",
     .criterion = "rating",
     .form = KEYWORD_ORDERED,
     .example = ">=4",
     .about = "with this number of stars"},
    {.word = "id", .criterion = "id", .example = "812", .about = "with these numbers"},
    {.word = "like",
     .form = KEYWORD_LIKE,
     .example = "812",
     .about = "that look like a photo of the gallery, or like a picture file"},
    {.word = "sort",
     .form = KEYWORD_SORT,
     .example = "-date",
     .about = "in the order of date, -date (newest first), match or random"},
};

/* Other words for the same. */
static const struct {
    const char *word, *keyword;
} synonyms[] = {
    {"folder", "in"},  {"file", "name"},     {"format", "type"},  {"keyword", "tag"},
    {"taken", "date"}, {"people", "person"}, {"similar", "like"}, {"megapixels", "mp"},
    {"order", "sort"}, {"aperture", "f"},
};

static bool is_offered(const struct keyword *keyword)
{
    return !keyword->criterion || criterion_find(keyword->criterion);
}

const struct keyword *keyword_at(size_t i)
{
    for (size_t row = 0; row < sizeof table / sizeof *table; row++)
        if (is_offered(&table[row]) && i-- == 0)
            return &table[row];
    return NULL;
}

static bool is_word(const char *word, const char *given, size_t length)
{
    return strlen(word) == length && strncasecmp(word, given, length) == 0;
}

const struct keyword *keyword_find(const char *word, size_t length)
{
    const struct keyword *keyword;
    for (size_t i = 0; (keyword = keyword_at(i)) != NULL; i++)
        if (is_word(keyword->word, word, length))
            return keyword;
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
        if (is_word(synonyms[i].word, word, length))
            return keyword_find(synonyms[i].keyword, strlen(synonyms[i].keyword));
    return NULL;
}

const struct keyword *keyword_suggest(const char *word, size_t length)
{
    char small[LONGEST_KEYWORD + 1];
    const struct keyword *keyword;
    if (length > LONGEST_KEYWORD)
        return NULL;
    for (size_t i = 0; i <= length; i++)
        small[i] = i < length ? (char)tolower((unsigned char)word[i]) : '\0';
    struct suggestion near = suggestion_for(small);
    near.distance = length / 3 + 1 + (length == 2);
    for (size_t i = 0; (keyword = keyword_at(i)) != NULL; i++)
        suggestion_consider(&near, keyword->word);
    for (size_t i = 0; i < sizeof synonyms / sizeof *synonyms; i++)
        suggestion_consider(&near, synonyms[i].word);
    return near.best ? keyword_find(near.best, strlen(near.best)) : NULL;
}

/* ---- units ---- */

static const char *const months[] = {"january",   "february", "march",    "april",
                                     "may",       "june",     "july",     "august",
                                     "september", "october",  "november", "december"};
static const char *const days[] = {"monday", "tuesday",  "wednesday", "thursday",
                                   "friday", "saturday", "sunday"};

/* Returns the number, from 1 on, of a name or its first three letters; 0: none. */
static int number_of_name(const char *const *names, int n, const char *value)
{
    size_t length = strlen(value);
    for (int i = 0; i < n; i++)
        if (length >= 3 && length <= strlen(names[i]) && (length == 3 || !names[i][length]) &&
            strncasecmp(names[i], value, length) == 0)
            return i + 1;
    return 0;
}

static char *bytes_value(const char *value)
{
    static const struct {
        const char *unit;
        double factor;
    } units[] = {{"b", 1},    {"k", 1e3}, {"kb", 1e3}, {"m", 1e6},
                 {"mb", 1e6}, {"g", 1e9}, {"gb", 1e9}};
    char *end;
    double number = strtod(value, &end);
    while (end > value && *end == ' ')
        end++;
    for (size_t i = 0; end > value && i < sizeof units / sizeof *units; i++)
        if (strcasecmp(end, units[i].unit) == 0)
            return xasprintf("%.17g", number * units[i].factor);
    return xstrdup(value);
}

/* Converts "1/200" and "0.5s". */
static char *seconds_value(const char *value)
{
    char *end;
    double number = strtod(value, &end), divisor = 1;
    if (end == value)
        return xstrdup(value);
    if (*end == '/') {
        const char *below = end + 1;
        divisor = strtod(below, &end);
        if (end == below || !(divisor > 0))
            return xstrdup(value);
    }
    return *end == '\0' || strcmp(end, "s") == 0 ? xasprintf("%.17g", number / divisor)
                                                 : xstrdup(value);
}

char *keyword_value(const struct keyword *keyword, const char *value)
{
    int number = 0;
    const char *country = keyword->unit == UNIT_COUNTRY ? places_country(value) : NULL;
    if (country)
        return xstrdup(country);
    if (keyword->unit == UNIT_BYTES)
        return bytes_value(value);
    if (keyword->unit == UNIT_SECONDS)
        return seconds_value(value);
    if (keyword->unit == UNIT_MONTH)
        number = number_of_name(months, 12, value);
    else if (keyword->unit == UNIT_DAY)
        number = number_of_name(days, 7, value);
    return number ? xasprintf("%d", number) : xstrdup(value);
}

/* ---- choices ---- */

static const char *const orders[] = {"date", "-date", "match", "random"};

const char *keyword_choice(const struct keyword *keyword, size_t i)
{
    const struct criterion *criterion =
        keyword->criterion ? criterion_find(keyword->criterion) : NULL;
    if (keyword->form == KEYWORD_SORT)
        return i < sizeof orders / sizeof *orders ? orders[i] : NULL;
    if (keyword->unit == UNIT_MONTH)
        return i < sizeof months / sizeof *months ? months[i] : NULL;
    if (keyword->unit == UNIT_DAY)
        return i < sizeof days / sizeof *days ? days[i] : NULL;
    if (!criterion || criterion->type != CRITERION_WORD)
        return NULL;
    for (size_t at = 0; at < i; at++)
        if (!criterion->words[at].word)
            return NULL;
    return criterion->words[i].word;
}
