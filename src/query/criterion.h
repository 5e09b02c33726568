/* SPDX-License-Identifier: MIT */
/* The table of criteria: all properties of a photo that a query can restrict, besides its picture.
 *
 * A criterion is one row. Most criteria compare a value that both backends compute with the same
 * SQL expression over the columns of a photo; the types that need more than an expression (folders,
 * names of files, labels, ids, distances) have code in store/sqlite/ and store/postgres/. Facts
 * that can be filtered are criteria under their own names. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/facts.h"

enum criterion_type {
    CRITERION_FOLDER, /* an absolute path: photos at or below it */
    CRITERION_NAME,   /* the file's name without its folder, as a pattern (query/glob.h) */
    CRITERION_LABEL,  /* the name of a label; without a value: any label */
    CRITERION_ALBUM,  /* the name of an album: photos put in or left out by hand */
    CRITERION_IDS,    /* a set of ids, see criteria_ids */
    CRITERION_NEAR,   /* three numbers: latitude and longitude in degrees, radius in kilometres */
    CRITERION_DATE,   /* "2019", "2019-07" or "2019-07-04", which mean the whole year, month, day */
    CRITERION_DIGITS, /* a two-digit integer inside a text */
    CRITERION_NUMBER,
    CRITERION_TEXT,    /* compared ignoring the case of a to z */
    CRITERION_LIST,    /* texts separated by '\n', each of which is compared as CRITERION_TEXT */
    CRITERION_WORD,    /* one of the criterion's words */
    CRITERION_DAMAGED, /* without a value: the file is damaged, but could be read all the same */
    CRITERION_PLACE,   /* words of the name of a town or region (query/place_name.h) */
    CRITERION_WRITTEN, /* words that the path, a label or a text fact contains (query/written.h) */
};

struct criterion_word {
    const char *word;
    const char *condition;     /* SQL, not NULL whenever `value` is not; NULL: see `leaf` */
    const char *value;         /* SQL, NULL if the photo lacks the value that the condition needs */
    const char *leaf;          /* the criterion that the word stands for; or NULL */
    const char *const *values; /* of that criterion, ends with NULL; NULL: without a value */
};

struct criterion {
    const char *name;
    enum criterion_type type;
    /* SQL over the columns of a photo, the same in both backends; SQL NULL if the fact is unknown.
     * Unused by the types with code in the backends. */
    const char *value;
    const char *value_sqlite; /* in SQLite, where that differs; or NULL */
    /* The range of a known number, if `bounded`; for facts see criterion_range. */
    bool bounded;
    double least, most;
    const struct criterion_word *words; /* CRITERION_WORD; ends with a NULL word */
    const struct fact *fact; /* the compared fact, with the format that introduced it; or NULL */
};

/* Gets the range of a known number; returns false if it has none. */
bool criterion_range(const struct criterion *criterion, double *ret_least, double *ret_most);

/* Returns the criterion of this name, or NULL. */
const struct criterion *criterion_find(const char *name);
/* Returns the i-th criterion, for iteration; NULL after the last. */
const struct criterion *criterion_at(size_t i);
