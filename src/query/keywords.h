/* SPDX-License-Identifier: MIT */
/* The words before a colon in the text of a query, and the criteria that they stand for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "query/criteria.h"

enum keyword_form {
    KEYWORD_VALUES,  /* names, patterns or words: a list, no ranges */
    KEYWORD_ORDERED, /* numbers or dates: also '<', '>' and ranges */
    KEYWORD_FOLDER,  /* a path, or the name of a folder */
    KEYWORD_LABEL,
    KEYWORD_ALBUM,
    KEYWORD_PLACE,   /* the name of a town, region or country */
    KEYWORD_NEAR,    /* latitude,longitude,distance; or the name of a place,distance */
    KEYWORD_WRITTEN, /* words that are written down somewhere */
    KEYWORD_LIKE,
    KEYWORD_SORT,
};

/* How a value is written, besides a plain number. */
enum keyword_unit {
    UNIT_NONE,
    UNIT_BYTES,   /* 2MB */
    UNIT_MONTH,   /* december */
    UNIT_SECONDS, /* 1/200 */
    UNIT_DAY,     /* saturday */
    UNIT_COUNTRY, /* portugal, pt */
};

struct keyword {
    const char *word;
    const char *criterion; /* a name in the table of criteria; NULL: none */
    const char *also;      /* a second criterion, either of which may hold; or NULL */
    enum keyword_form form;
    enum criteria_compare single; /* the comparison of values without a sign */
    enum keyword_unit unit;
    const char *example; /* of a value */
    const char *about;   /* the rest of a sentence that begins with "photos" */
};

/* Returns the keyword of this name [length] in any case, or NULL. Only keywords whose criterion
 * this program has are returned. */
const struct keyword *keyword_find(const char *word, size_t length);
/* Returns the i-th keyword, for iteration, without synonyms; NULL after the last. */
const struct keyword *keyword_at(size_t i);
/* Returns the keyword most similar to a mistyped one [length], or NULL. */
const struct keyword *keyword_suggest(const char *word, size_t length);

/* Returns the i-th of the words that are the only values of the keyword, or usual ones beside
 * numbers; NULL after the last. */
const char *keyword_choice(const struct keyword *keyword, size_t i);

/* Converts a value with the keyword's unit into the form of its criterion: "2MB" to "2000000",
 * "december" to "12". Returns a copy of all others. The caller frees it. */
char *keyword_value(const struct keyword *keyword, const char *value);
