/* SPDX-License-Identifier: MIT */
/* The table of criteria: everything that a query can ask of a photo besides what it shows.
 *
 * A criterion is one row. Most of them compare a value that both kinds of gallery compute with the
 * same SQL expression over the columns of a photo; the types that need more than an expression
 * (folders, names of files, labels, ids, distances) have code in store/sqlite/ and store/postgres/.
 * The facts of a photo that may be filtered by are criteria under their own names. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/facts.h"

enum criterion_type {
    CRITERION_FOLDER, /* an absolute path: photos at or below it */
    CRITERION_NAME,   /* the file's name without its folder, as a pattern (query/glob.h) */
    CRITERION_LABEL,  /* the name of a label; without a value: any label */
    CRITERION_IDS,    /* a set of ids, see criteria_ids */
    CRITERION_NEAR,   /* three numbers: latitude and longitude in degrees, kilometres around */
    CRITERION_DATE,   /* "2019", "2019-07" or "2019-07-04", which mean the whole year, month, day */
    CRITERION_DIGITS, /* a whole number of two digits, out of a text */
    CRITERION_NUMBER,
    CRITERION_TEXT, /* letters a to z match either case */
    CRITERION_LIST, /* texts separated by '\n': one of them is compared, otherwise the same */
    CRITERION_WORD, /* one of the criterion's own words */
};

struct criterion_word {
    const char *word;
    const char *condition; /* SQL, not NULL whenever `value` is not; NULL: see `leaf` */
    const char *value;     /* SQL, NULL where a photo lacks what the condition asks about */
    const char *leaf;      /* the criterion that the word stands for, without a value; or NULL */
};

struct criterion {
    const char *name;
    enum criterion_type type;
    /* SQL over the columns of a photo, the same in both kinds of gallery; NULL where the fact is
     * not known. Unused by the types that have code of their own. */
    const char *value;
    /* What a known number can be, where `bounded` says so; of a fact see criterion_range. */
    bool bounded;
    double least, most;
    const struct criterion_word *words; /* CRITERION_WORD; ends with a NULL word */
    const struct fact *fact; /* that is compared: says since when it is stored; or NULL */
};

/* What a known number can be; false: any. */
bool criterion_range(const struct criterion *criterion, double *ret_least, double *ret_most);

/* NULL when there is no criterion of this name. */
const struct criterion *criterion_find(const char *name);
/* All of them, for those who list them: NULL past the last. */
const struct criterion *criterion_at(size_t i);
