/* SPDX-License-Identifier: MIT */
/* What goes beside a picture as text: which kinds of fact, and how exactly. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/photo.h"

enum telling {
    TELL_ROUNDED, /* date, place to about 1 km, camera, labels */
    TELL_EXACT,   /* the place as the photo has it, too */
    TELL_NOTHING, /* pictures alone */
};
/* "rounded", "exact", "none"; false: there is none of this name. */
bool telling_parse(const char *name, enum telling *ret_telling);
const char *telling_name(enum telling telling);

enum fact {
    FACT_DATE = 1,
    FACT_PLACE = 2,       /* rounded */
    FACT_EXACT_PLACE = 4, /* as the photo has it */
    FACT_CAMERA = 8,
    FACT_LABELS = 16,
};

/* What was told of a picture, or of several. */
struct told {
    unsigned facts; /* enum fact, added up */
    size_t labels;  /* how many, of all pictures */
};
/* What photo_facts would tell; no labels. */
unsigned told_of(const struct photo_facts *facts, enum telling telling);
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
