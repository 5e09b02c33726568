/* SPDX-License-Identifier: MIT */
/* Contains the rows of the table of criteria. To add one, see CONTRIBUTING.md. */
#include <string.h>

#include "base/facts.h"
#include "base/limits.h"
#include "query/criterion.h"

/* How systems name the pictures that they take of their screens. */
static const char *const screenshots[] = {
    "*screenshot*",
    "*screen shot*",
    "bildschirmfoto*",
    "capture d*cran*",
    "captura de pantalla*",
    "captura de tela*",
    "schermata*",
    "schermafbeelding*",
    "sk?rmavbild*",
    "*\u5c4f\u5e55\u5feb\u7167*",
    "*\u5c4f\u5e55\u622a\u56fe*",
    "*\u622a\u5c4f*",
    "*\u622a\u56fe*",
    "*\u30b9\u30af\u30ea\u30fc\u30f3\u30b7\u30e7\u30c3\u30c8*",
    "*\uc2a4\ud06c\ub9b0\uc0f7*",
    "\u0421\u043d\u0438\u043c\u043e\u043a \u044d\u043a\u0440\u0430\u043d\u0430*",
    NULL,
};

static const struct criterion_word shapes[] = {
    {.word = "portrait", .condition = "height > width AND width > 0", .value = "width + height"},
    {.word = "landscape", .condition = "width > height AND height > 0", .value = "width + height"},
    {.word = "square", .condition = "width = height AND width > 0", .value = "width + height"},
    {.word = "panorama",
     .condition = "(width >= 2 * height OR height >= 2 * width) AND width > 0 AND height > 0",
     .value = "width + height"},
    {.word = "screenshot", .leaf = "name", .values = screenshots},
    {.word = "damaged", .leaf = "damaged"},
    {.word = "failed", .leaf = "damaged"},
    {.word = NULL},
};

static const struct criterion_word holdings[] = {
    {.word = "date", .condition = "taken IS NOT NULL", .value = "1"},
    {.word = "place", .condition = "latitude IS NOT NULL AND longitude IS NOT NULL", .value = "1"},
    {.word = "label", .leaf = "label"},
    {.word = NULL},
};

/* The day of the week, from "01" (Monday) to "07", by Sakamoto's formula. Only functions and
 * operators that postgres_fdw sends to the parts of a split gallery are used. */
#define DIGIT(at) "(strpos('0123456789', substr(taken, " #at ", 1)) - 1)"
#define MONTH "(10 * " DIGIT(6) " + " DIGIT(7) ")"
#define YEAR                                                                                      \
    "(1000 * " DIGIT(1) " + 100 * " DIGIT(2) " + 10 * " DIGIT(3) " + " DIGIT(4) " - (14 - " MONTH \
                                                                                ") / 12)"
#define SHIFT "strpos('0123456789', substr('032503514624', " MONTH ", 1)) - 1"
#define DAY "10 * " DIGIT(9) " + " DIGIT(10)
#define WEEKDAY \
    "(" YEAR " + " YEAR " / 4 - " YEAR " / 100 + " YEAR " / 400 + " SHIFT " + " DAY ") % 7"
/* The text is "" if only a month is known. */
#define WEEKDAY_TEXT \
    "substr('07010203040506', 1 + 2 * (" WEEKDAY "), 2 * (length(substr(taken, 1, 10)) / 10))"

static const struct criterion table[] = {
    {.name = "folder", .type = CRITERION_FOLDER},
    {.name = "name", .type = CRITERION_NAME},
    {.name = "label", .type = CRITERION_LABEL},
    /* What the owner did by hand; an album's query is another part of the tree (search/album.h). */
    {.name = "album_in", .type = CRITERION_ALBUM, .value = "1"},
    {.name = "album_out", .type = CRITERION_ALBUM, .value = "0"},
    {.name = "text", .type = CRITERION_WRITTEN},
    {.name = "id", .type = CRITERION_IDS},
    {.name = "near", .type = CRITERION_NEAR},
    {.name = "is", .type = CRITERION_WORD, .words = shapes},
    {.name = "has", .type = CRITERION_WORD, .words = holdings},
    {.name = "date", .type = CRITERION_DATE, .value = "taken"},
    {.name = "month",
     .type = CRITERION_DIGITS,
     .value = "substr(taken, 6, 2)",
     .bounded = true,
     .least = 1,
     .most = 12},
    {.name = "hour",
     .type = CRITERION_DIGITS,
     .value = "substr(taken, 12, 2)",
     .bounded = true,
     .least = 0,
     .most = 23},
    {.name = "weekday",
     .type = CRITERION_DIGITS,
     .value = WEEKDAY_TEXT,
     .value_sqlite = "substr('07010203040506', 1 + 2 * CAST(strftime('%w', substr(taken, 1, 10))"
                     " AS INTEGER), 2)",
     .bounded = true,
     .least = 1,
     .most = 7},
    {.name = "place", .type = CRITERION_PLACE, .fact = &fact_table[FACT_INDEX_town]},
    {.name = "damaged", .type = CRITERION_DAMAGED},
    {.name = "size", .type = CRITERION_NUMBER, .value = "size"},
    {.name = "megapixels",
     .type = CRITERION_NUMBER,
     .value = "CAST(width AS double precision) * height / 1000000",
     .bounded = true,
     .least = 1e-6,
     .most = 1e-6 * LIMIT_PHOTO_SIDE_PX * LIMIT_PHOTO_SIDE_PX},
};

/* Every fact has a row under its own name, which is also its column. */
#define ROW(fact_name, its_type)   \
    {.name = #fact_name,           \
     .type = CRITERION_##its_type, \
     .value = #fact_name,          \
     .fact = &fact_table[FACT_INDEX_##fact_name]},
#define TEXT(name, ...) ROW(name, TEXT)
#define TIME(name, ...) ROW(name, DATE)
#define LIST(name, ...) ROW(name, LIST)
#define WHOLE(name, ...) ROW(name, NUMBER)
#define REAL(name, ...) ROW(name, NUMBER)
#define FLAG(name)
static const struct criterion facts[FACT_COUNT] = {
#include "base/facts.def"
};

enum { CRITERIA_ROWS = sizeof table / sizeof *table };

/* Returns whether queries may compare the fact. */
static bool is_offered(const struct criterion *criterion)
{
    return criterion->fact->filter && criterion->fact->since > 0;
}

const struct criterion *criterion_at(size_t i)
{
    if (i < CRITERIA_ROWS)
        return &table[i];
    i -= CRITERIA_ROWS;
    for (size_t fact = 0; fact < FACT_COUNT; fact++)
        if (is_offered(&facts[fact]) && i-- == 0)
            return &facts[fact];
    return NULL;
}

const struct criterion *criterion_find(const char *name)
{
    const struct criterion *criterion;
    for (size_t i = 0; (criterion = criterion_at(i)) != NULL; i++)
        if (strcmp(criterion->name, name) == 0)
            return criterion;
    return NULL;
}

bool criterion_range(const struct criterion *criterion, double *ret_least, double *ret_most)
{
    const struct fact *fact = criterion->fact;
    *ret_least = fact ? fact->min : criterion->least;
    *ret_most = fact ? fact->max : criterion->most;
    return fact ? fact->min != 0 || fact->max != 0 : criterion->bounded;
}
