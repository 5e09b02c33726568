/* Names of the owner's labels that a query speaks of. Private to search/. */
#pragma once

#include "search/search.h"

struct names {
    char **folded; /* as compared (text_fold), the longest first; no two are equal */
    size_t count, cap;
    char *rest; /* the folded text with '.' wherever such a name was */
};

/* The names that `text` has as whole words, whatever their case; a longer one hides those inside:
 * "Anna Maria" is not "Anna". */
int names_find(struct store *store, const char *text, struct names *ret_names,
               struct error *err) MUST_CHECK;
void names_release(struct names *names);

/* Which of them the photo has, as the owner wrote them, joined by ", ", into *ret_joined (for the
 * caller to free; NULL: none), and how many into *ret_count. */
int names_of_photo(struct store *store, const struct names *names, int64_t photo, char **ret_joined,
                   size_t *ret_count, struct error *err) MUST_CHECK;
