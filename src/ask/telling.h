/* SPDX-License-Identifier: MIT */
/* The kinds of facts that accompany a picture as text, and their precision. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/facts.h"

enum telling {
    TELL_ROUNDED, /* date, place to about 1 km, camera, labels */
    TELL_EXACT,   /* the same, with the exact place of the photo */
    TELL_NOTHING, /* pictures alone */
};
/* Parses "rounded", "exact" or "none"; false: the name is unknown. */
bool telling_parse(const char *name, enum telling *ret_telling);
const char *telling_name(enum telling telling);

/* The facts told with one picture, or with several. */
struct told {
    unsigned facts; /* bits of enum fact_kind; never FACT_SHAPE */
    size_t labels;  /* number of labels, over all pictures */
};
/* The kinds of those facts that are told with a picture, and the kind of one fact (0: it is not
 * told); without labels. */
unsigned told_of(const struct photo_facts *facts, enum telling telling);
unsigned told_of_fact(const struct fact *fact, const struct photo_facts *facts,
                      enum telling telling);
/* Clears the facts that may not be told and rounds the place; returns the kinds of the remaining
 * facts. */
unsigned told_only(struct photo_facts *facts, enum telling telling);
/* Degrees as they may be told: rounded to two decimals, which is about 1 km, unless TELL_EXACT. */
double told_degrees(double degrees, enum telling telling);
/* "Canon EOS 5D": maker and model, without repeating the maker. The caller frees it. "":
 * unknown. */
char *told_camera(const struct photo_facts *facts);

/* "date,place,camera,labels" as in ledger.h, in this order; the caller frees it. */
char *told_list(unsigned facts);
/* Such a list as an array of strings; the caller releases it. */
json_t *told_array(const char *list);
/* The same for people: "date, place (to about 1 km), camera, 2 labels"; "pictures only" for
 * none. The caller frees it. */
char *told_phrase(const struct told *told);
