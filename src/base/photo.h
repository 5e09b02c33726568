/* SPDX-License-Identifier: MIT */
/* What is known of a photo besides its pixels: the vocabulary that image, store, search and cli
 * share. Each row of base/facts.def is a field here; base/facts.h walks through them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

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
