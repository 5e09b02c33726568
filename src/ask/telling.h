/* SPDX-License-Identifier: MIT */
/* What goes beside a picture as text: which kinds of fact, and how exactly. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/facts.h"

enum telling {
    TELL_ROUNDED, /* date, place to about 1 km, camera, labels */
    TELL_EXACT,   /* the place as the photo has it, too */
    TELL_NOTHING, /* pictures alone */
};
/* "rounded", "exact", "none"; false: there is none of this name. */
bool telling_parse(const char *name, enum telling *ret_telling);
const char *telling_name(enum telling telling);

/* What was told of a picture, or of several. */
struct told {
    unsigned facts; /* enum fact_kind, added up; never FACT_SHAPE */
    size_t labels;  /* how many, of all pictures */
};
/* The kinds of those facts that are told beside a picture, and of one fact alone (0: it is not
 * told); no labels. */
unsigned told_of(const struct photo_facts *facts, enum telling telling);
unsigned told_of_fact(const struct fact *fact, const struct photo_facts *facts,
                      enum telling telling);
/* Forgets what may not be told and rounds the place; returns the kinds of what is left. */
unsigned told_only(struct photo_facts *facts, enum telling telling);
/* Degrees as they may be told: to two decimals, which is about 1 km, unless TELL_EXACT. */
double told_degrees(double degrees, enum telling telling);
/* "Canon EOS 5D": maker and model, the maker once; the caller frees. "": not known. */
char *told_camera(const struct photo_facts *facts);

/* "date,place,camera,labels" of ledger.h, in this order; the caller frees. */
char *told_list(unsigned facts);
/* Such a list as an array of strings; the caller releases. */
json_t *told_array(const char *list);
/* The same for people: "date, place (to about 1 km), camera, 2 labels"; "pictures only" for none.
 * The caller frees. */
char *told_phrase(const struct told *told);
