/* How well a photo matches, in words a person can use: a cosine alone means nothing between
 * queries or models. */
#pragma once

enum search_strength {
    SEARCH_NONE, /* no nearer than an unrelated text would be: "nothing here matches" */
    SEARCH_WEAK,
    SEARCH_FAIR,
    SEARCH_STRONG,
};

/* "none", "weak", "fair", "strong". */
const char *search_strength_name(enum search_strength strength);
