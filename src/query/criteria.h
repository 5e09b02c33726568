/* SPDX-License-Identifier: MIT */
/* Criteria select photos: a tree of AND, OR and NOT over comparisons.
 *
 *     AUTO(criteria) *where = criteria_all();                        every photo so far
 *     const char *days[] = {"2019-07", "2019-08-15"};
 *     struct criteria *leaf;
 *     rc = criteria_leaf("date", CRITERIA_WITHIN, days, 2, &leaf, err);
 *     if (!rc) rc = criteria_add(where, leaf, err);
 *     if (!rc) rc = store_search(store, query, k, &(struct store_filter){.where = where}, ...);
 *
 * A comparison with an unknown fact of a photo is false, and its NOT is true: NOT selects exactly
 * the photos that its part does not select. A tree is built from its leaves upwards and is not
 * changed afterwards; a group owns the parts that were added to it. Limits on size and depth
 * (base/limits.h) are checked while a tree is built, so functions may recurse over it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "query/criterion.h"

enum criteria_kind {
    CRITERIA_ALL, /* AND: all parts hold; without parts: every photo */
    CRITERIA_ANY, /* OR: at least one holds; without parts: no photo */
    CRITERIA_NOT, /* its one part does not hold */
    CRITERIA_LEAF,
};

enum criteria_compare {
    CRITERIA_IS,  /* equals one of the values */
    CRITERIA_HAS, /* contains one of them: CRITERION_TEXT */
    CRITERIA_BELOW,
    CRITERIA_AT_MOST,
    CRITERIA_AT_LEAST,
    CRITERIA_ABOVE,
    CRITERIA_WITHIN, /* two values, both included */
};

struct criteria_value {
    char *text;    /* in its comparison form: a folded name, a pattern in lower case ... */
    double number; /* CRITERION_NUMBER, _DIGITS, _NEAR */
    const struct criterion_word *word; /* CRITERION_WORD */
};

struct criteria {
    enum criteria_kind kind;
    struct criteria **parts; /* owned */
    size_t count, cap;
    /* These belong to a leaf. */
    const struct criterion *criterion;
    enum criteria_compare compare;
    struct criteria_value *values; /* owned */
    size_t value_count;
    int64_t *ids; /* CRITERION_IDS: ascending, without duplicates; owned */
    size_t id_count;
    /* Totals of the tree below, including this node, which are checked against the limits. */
    size_t depth, nodes, total_values, total_ids;
};

/* Return a group without parts. */
struct criteria *criteria_all(void);
struct criteria *criteria_any(void);
/* Takes ownership of `part`, and frees it on failure. ERR_LIMIT: the tree would be too large. */
int criteria_add(struct criteria *group, struct criteria *part, struct error *err) MUST_CHECK;
/* Makes a NOT of `part`, takes ownership of it, and frees it on failure. ERR_LIMIT. */
int criteria_negate(struct criteria *part, struct criteria **ret_criteria,
                    struct error *err) MUST_CHECK;

/* Makes a leaf: the criterion of this name, compared with values as people write them (UTF-8, or
 * bytes for a folder). ERR_INVALID: no such criterion, a comparison that it does not support, an
 * invalid value; ERR_LIMIT: too many or too long values. */
int criteria_leaf(const char *name, enum criteria_compare compare, const char *const *values,
                  size_t n, struct criteria **ret_criteria, struct error *err) MUST_CHECK;
/* Selects the photos with these ids, which may be in any order; unknown ids are ignored. ERR_LIMIT.
 */
int criteria_ids(const int64_t *ids, size_t n, struct criteria **ret_criteria,
                 struct error *err) MUST_CHECK;

struct criteria *criteria_copy(const struct criteria *criteria);
void criteria_free(struct criteria *criteria); /* NULL is fine */
DEFINE_AUTO(criteria, criteria_free)

/* Returns a key for caches, which differs for trees with different meanings. The caller frees it.
 */
char *criteria_key(const struct criteria *criteria);
/* Returns whether every photo that the tree (NULL: every photo) selects matches a leaf of the
 * criterion `name`; false if the form of the tree does not show that. */
bool criteria_requires(const struct criteria *criteria, const char *name);

/* A range of dates: from <= taken < until, compared bytewise as text. */
struct criteria_dates {
    bool dated; /* photos without a date are not selected; if false, `from` and `until` have no
                   meaning */
    char from[16], until[16]; /* "" and "~" mean no bound */
};
/* Returns bounds on the dates of the photos that the tree (NULL: every photo) selects; they may be
 * wider than necessary, but never narrower. */
struct criteria_dates criteria_dates(const struct criteria *criteria);
/* Returns the dates of one value of a leaf of type CRITERION_DATE; of both values with
 * CRITERIA_WITHIN. */
struct criteria_dates criteria_leaf_dates(const struct criteria *leaf, size_t value);
