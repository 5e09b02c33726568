/* SPDX-License-Identifier: MIT */
/* Finds the names of the owner's labels in a query. Private to search/. */
#pragma once

#include "search/search.h"

struct names {
    char **folded; /* as the store compares them (text_fold), longest first, without duplicates */
    size_t count, cap;
    char *rest;  /* the loosely folded text, with '.' in place of each name */
    size_t sure; /* number of the first names that are certain; the others are uncertain: a common
                    word, or only the first word of a longer name */
    bool alone;  /* the text asks for nothing but names */
};

/* Finds the names that `text` contains as whole words, ignoring case, accents and apostrophes. A
 * longer name hides the shorter ones inside: "Anna Maria" is not "Anna". A name that is a common
 * word (search/ordinary.h) only matches in its exact spelling ("Will", but not at the beginning of
 * a question such as "Will the dog jump?"). */
int names_find(struct store *store, const struct clip *clip, const char *text, bool is_question,
               struct names *ret_names, struct error *err) MUST_CHECK;
void names_release(struct names *names);

/* Gets the names that each of n photos has, as the owner wrote them, joined by ", ", into
 * ret_joined [n] (the caller frees each; NULL: none). */
int names_of_photos(struct store *store, const struct names *names, const int64_t *photos, size_t n,
                    char **ret_joined, struct error *err) MUST_CHECK;
