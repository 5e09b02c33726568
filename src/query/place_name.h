/* SPDX-License-Identifier: MIT */
/* Compares names of towns and regions with what people type: whole words, ignoring case, accents,
 * width and hyphens, so that "saint denis" is in "Saint-Denis" and "york" in "New York City", but
 * not in "Yorkton". */
#pragma once

#include <stdbool.h>

/* The characters that separate words besides the blank. */
#define PLACE_SEPARATORS "-,/()"

/* Returns the folded form of a name or value, between two blanks; the caller frees it. */
char *place_name_fold(const char *name);
/* Returns whether `name` contains the words of `folded`, a result of place_name_fold. */
bool place_name_has(const char *name, const char *folded);
