/* SPDX-License-Identifier: MIT */
/* Which photos are meant: a tree of AND, OR and NOT over criteria.
 *
 *     AUTO(criteria) *where = criteria_all();                        every photo so far
 *     const char *days[] = {"2019-07", "2019-08-15"};
 *     struct criteria *leaf;
 *     rc = criteria_leaf("date", CRITERIA_WITHIN, days, 2, &leaf, err);
 *     if (!rc) rc = criteria_add(where, leaf, err);
 *     if (!rc) rc = store_search(store, query, k, &(struct store_filter){.where = where}, ...);
 *
 * A comparison with a fact that is not known of a photo is false, and its NOT is true: NOT gives
 * exactly the photos that its part leaves out. A tree is built from its leaves upwards and is not
 * changed afterwards; a part belongs to the group that it was added to. Limits on its size and
 * depth (base/limits.h) are checked while it is built, so that whoever walks one may recurse. */
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
    char *text;    /* in the form that is compared: a folded name, a pattern in lower case ... */
    double number; /* CRITERION_NUMBER, _DIGITS, _NEAR */
    const struct criterion_word *word; /* CRITERION_WORD */
};

struct criteria {
    enum criteria_kind kind;
    struct criteria **parts; /* owned */
    size_t count, cap;
    /* Of a leaf: */
    const struct criterion *criterion;
    enum criteria_compare compare;
    struct criteria_value *values; /* owned */
    size_t value_count;
    int64_t *ids; /* CRITERION_IDS: ascending, no two are equal; owned */
    size_t id_count;
    /* Of the whole tree below, itself included: what the limits are checked against. */
    size_t depth, nodes, total_values, total_ids;
};

/* A group without parts. */
struct criteria *criteria_all(void);
struct criteria *criteria_any(void);
/* Takes `part` over, which is freed when it fails. ERR_LIMIT: the tree would be too large. */
int criteria_add(struct criteria *group, struct criteria *part, struct error *err) MUST_CHECK;
/* A NOT of `part`, which it takes over and frees when it fails. ERR_LIMIT. */
int criteria_negate(struct criteria *part, struct criteria **ret_criteria,
                    struct error *err) MUST_CHECK;

/* A leaf: the criterion of this name, compared with values as people write them (UTF-8, or bytes
 * for a folder). ERR_INVALID: no such criterion, a comparison that it does not have, a value that
 * is none; ERR_LIMIT: too many or too long values. */
int criteria_leaf(const char *name, enum criteria_compare compare, const char *const *values,
                  size_t n, struct criteria **ret_criteria, struct error *err) MUST_CHECK;
/* The photos with these ids, in any order; ids that no photo has do no harm. ERR_LIMIT. */
int criteria_ids(const int64_t *ids, size_t n, struct criteria **ret_criteria,
                 struct error *err) MUST_CHECK;

struct criteria *criteria_copy(const struct criteria *criteria);
void criteria_free(struct criteria *criteria); /* NULL is fine */
DEFINE_AUTO(criteria, criteria_free)

/* A text that tells trees with different meanings apart, for caches. The caller frees. */
char *criteria_key(const struct criteria *criteria);
/* Whether every photo that the tree (NULL: every photo) lets through fulfils a leaf of the
 * criterion `name`; false where that cannot be seen from its form. */
bool criteria_requires(const struct criteria *criteria, const char *name);

/* Dates compare as text: from <= taken < until, by their bytes. */
struct criteria_dates {
    bool dated; /* photos without a date are left out; else the next two say nothing */
    char from[16], until[16]; /* "" and "~" where there is no bound */
};
/* What the tree (NULL: every photo) says of the dates of the photos that it lets through: never
 * narrower than it is, sometimes wider. */
struct criteria_dates criteria_dates(const struct criteria *criteria);
/* The same of one value of a leaf of type CRITERION_DATE; of both with CRITERIA_WITHIN. */
struct criteria_dates criteria_leaf_dates(const struct criteria *leaf, size_t value);
