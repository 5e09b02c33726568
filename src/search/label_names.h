/* SPDX-License-Identifier: MIT */
/* Names of the owner's labels that a query speaks of. Private to search/. */
#pragma once

#include "search/search.h"

struct names {
    char **folded; /* as the store compares them (text_fold), the longest first; no two are equal */
    size_t count, cap;
    char *rest;  /* the loosely folded text with '.' wherever such a name was */
    size_t sure; /* the first of them; the others may be meant otherwise: a word of every day, or
                    the first word of a longer name only */
};

/* The names that `text` has as whole words, whatever their case, accents and apostrophes; a longer
 * one hides those inside: "Anna Maria" is not "Anna". A name that is a word of every day is one
 * only as it is written ("Will", and not at the beginning of a question that asks "Will the dog
 * jump?"). */
int names_find(struct store *store, const char *text, bool is_question, struct names *ret_names,
               struct error *err) MUST_CHECK;
void names_release(struct names *names);

/* Which of them each of n photos has, as the owner wrote them, joined by ", ", into ret_joined [n]
 * (for the caller to free; NULL: none). */
int names_of_photos(struct store *store, const struct names *names, const int64_t *photos, size_t n,
                    char **ret_joined, struct error *err) MUST_CHECK;
