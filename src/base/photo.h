/* SPDX-License-Identifier: MIT */
/* What is known of a photo besides its pixels: the vocabulary that image, store, search and cli
 * share. Each row of base/facts.def is a field here; base/facts.h walks through them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/* Texts are valid UTF-8 without control characters, except that LIST separates its texts by '\n'.
 * TIME is "2019-07-04T18:30:00", with "+02:00" after it where known, or "2019-07-04" when only the
 * day is known. A text that is "" is not known; nor is a number that is 0, unless a FLAG says so.
 */
struct photo_facts {
#define TEXT(name, size, ...) char name[size];
#define TIME(name, size, ...) char name[size];
#define LIST(name, size, ...) char name[size];
#define WHOLE(name, ...) int name;
#define REAL(name, ...) double name;
#define FLAG(name) bool name;
#include "base/facts.def"
};

/* A named area of the picture that another program wrote: a person's face, a pet. */
struct photo_region {
    char name[LIMIT_LABEL_NAME_BYTES + 1]; /* on one line, without surrounding blanks */
    bool has_box;                          /* false: somewhere in the picture */
    double x, y, width, height; /* fractions 0..1 of the upright picture, from its top left */
};

struct photo_regions {
    size_t n;
    struct photo_region items[LIMIT_REGIONS];
};
