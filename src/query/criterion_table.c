/* SPDX-License-Identifier: MIT */
/* Contains the rows of the table of criteria. To add one, see CONTRIBUTING.md. */
#include <string.h>

#include "base/facts.h"
#include "base/limits.h"
#include "query/criterion.h"

static const struct criterion_word shapes[] = {
    {.word = "portrait", .condition = "height > width AND width > 0", .value = "width + height"},
    {.word = "landscape", .condition = "width > height AND height > 0", .value = "width + height"},
    {.word = "square", .condition = "width = height AND width > 0", .value = "width + height"},
    {.word = "panorama",
     .condition = "(width >= 2 * height OR height >= 2 * width) AND width > 0 AND height > 0",
     .value = "width + height"},
    {.word = NULL},
};

static const struct criterion_word holdings[] = {
    {.word = "date", .condition = "taken IS NOT NULL", .value = "1"},
    {.word = "place", .condition = "latitude IS NOT NULL AND longitude IS NOT NULL", .value = "1"},
    {.word = "label", .leaf = "label"},
    {.word = NULL},
};

static const struct criterion table[] = {
    {.name = "folder", .type = CRITERION_FOLDER},
    {.name = "name", .type = CRITERION_NAME},
    {.name = "label", .type = CRITERION_LABEL},
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
