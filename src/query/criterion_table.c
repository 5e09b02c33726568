/* SPDX-License-Identifier: MIT */
/* The rows of the table of criteria. To add one, see CONTRIBUTING.md. */
#include <string.h>

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

    {.name = "format", .type = CRITERION_TEXT, .value = "format"},
    {.name = "width",
     .type = CRITERION_NUMBER,
     .value = "width",
     .bounded = true,
     .least = 1,
     .most = LIMIT_PHOTO_SIDE_PX},
    {.name = "height",
     .type = CRITERION_NUMBER,
     .value = "height",
     .bounded = true,
     .least = 1,
     .most = LIMIT_PHOTO_SIDE_PX},
    {.name = "taken", .type = CRITERION_DATE, .value = "taken"},
    {.name = "latitude",
     .type = CRITERION_NUMBER,
     .value = "latitude",
     .bounded = true,
     .least = -90,
     .most = 90},
    {.name = "longitude",
     .type = CRITERION_NUMBER,
     .value = "longitude",
     .bounded = true,
     .least = -180,
     .most = 180},
    {.name = "make", .type = CRITERION_TEXT, .value = "make"},
    {.name = "model", .type = CRITERION_TEXT, .value = "model"},
    {.name = "lens", .type = CRITERION_TEXT, .value = "lens"},
};

enum { CRITERIA_ROWS = sizeof table / sizeof *table };

const struct criterion *criterion_at(size_t i)
{
    return i < CRITERIA_ROWS ? &table[i] : NULL;
}

const struct criterion *criterion_find(const char *name)
{
    for (size_t i = 0; i < CRITERIA_ROWS; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}
