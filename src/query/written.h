/* SPDX-License-Identifier: MIT */
/* Compares what is written about a photo (its path, labels, title and so on) with quoted words of a
 * query, ignoring case, width, accents and the kind of apostrophe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/facts.h"

/* Returns the folded form of a text [length] of unknown origin, without blanks at its ends; the
 * caller frees it. */
char *written_fold(const char *text, size_t length);
/* Returns whether the text [length] contains `folded`, which is not empty. */
bool written_has(const char *text, size_t length, const char *folded);

/* Gets the letters that fold to one other letter, and those, in the same order: for a database that
 * folds by itself. The caller frees both. */
void written_letters(char **ret_from, char **ret_to);

/* Returns the i-th fact of photos that is a text for people, such as a title; NULL after the last.
 */
const struct fact *written_fact(size_t i);
