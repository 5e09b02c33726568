/* SPDX-License-Identifier: MIT */
/* The tree of a query: which photos are meant (criteria, exact) and what they should show (wanted
 * pictures, graded), in any combination.
 *
 *     struct query_tree *cat, *in_a, *dog;                          (cat in:/a) OR dog
 *     rc = query_tree_text("cat", &cat, err);
 *     ...
 *     struct query_tree *both = query_tree_all();
 *     AUTO(query_tree) *root = query_tree_any();
 *     rc = query_tree_add(both, cat, 1, err);
 *     if (!rc) rc = query_tree_add(both, in_a, 1, err);
 *     if (!rc) rc = query_tree_add(root, both, 1, err);
 *     if (!rc) rc = query_tree_add(root, dog, 1, err);
 *     request.tree = root;                                          search/search.h
 *
 * The value of a node for a photo is NO (not selected), a grade (a number in the unit of
 * search_contrast, search/strength.h: below 2 is chance), or SURE, which is better than every
 * grade:
 *
 *     CRITERIA  SURE if the criteria hold, otherwise NO.
 *     WANTED    The contrast of its vector and the photo (search_contrast; for a vector of pictures
 *               only, search_chance_picture).
 *     SELECT    SURE if its part is SURE or has a grade of at least 2 (SEARCH_WEAK), otherwise NO:
 *               the result of a search as a criterion.
 *     ANY       The best weighted value of its parts; without parts NO.
 *     NOT       NO if its part is SURE, SURE if its part is NO, otherwise 4 minus the value of its
 *               part: a grade mirrored at 2. Only ALL treats it in another way.
 *     ALL       NO if one of its parts is NO. Otherwise let `base` be the least weighted value of
 *               its parts that are not NOT (SURE if there are none).
 *               If base is SURE, the least weighted value of its parts that are NOT; without such
 *               parts SURE.
 *               If base is a grade, base - sum(weight / 2 * max(0, value of the part of NOT)) over
 *               its parts that are NOT; a NO there counts as 0. So an unwanted thing pushes a
 *               photo down by how far it stands out above chance in it (a contrast of 0 is the
 *               mean of unrelated texts), and not otherwise. bench/recall measures it.
 *
 * A weighted value is SURE or NO regardless of the weight; a grade g with weight w is in ANY g * w
 * if g > 0, otherwise g / w; in ALL g / w if g > 0, otherwise g * w. So a weight of 2 makes a part
 * decide more often: in ANY it wins more easily, in ALL it must be met twice as well.
 *
 * A photo is selected unless the root is NO for it, with these exceptions: an example (a photo
 * whose id is a wanted leaf anywhere in the tree) is never selected; a photo without a sound vector
 * is selected only if it is SURE whatever the wanted leaves give; and if the photos are not ranked
 * by match, one with a grade is selected only if the grade is at least 2 (SEARCH_WEAK).
 *
 * Order by match: SURE photos first, newest first as the list of store/listing.h is; then by grade,
 * best first, ties by path, then by id. A tree of one wanted part (alone, or in an ALL with
 * criteria) is a plain search: its photos are ranked by cosine, as store_search does, and a text in
 * it is also searched for names of labels.
 *
 * Trees are built from the leaves upwards and are not changed afterwards. A group owns its parts;
 * functions that take a part or a leaf own it from then on, and free it on failure. Limits on size
 * and depth (base/limits.h) are checked while a tree is built, so functions may recurse over it.
 * Equal meanings get the same form: criteria beside each other are one leaf, NOT of criteria is
 * criteria, an ALL of weight 1 in an ALL and an ANY of weight 1 in an ANY dissolve. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "query/criteria.h"
#include "query/wanted.h"

enum query_tree_kind {
    QUERY_ALL,
    QUERY_ANY,
    QUERY_NOT, /* of a tree with wanted parts */
    QUERY_CRITERIA,
    QUERY_SELECT, /* of a tree with wanted parts */
    QUERY_WANTED, /* one vector: a text, a picture, a vector, or a sum of those */
};

struct query_tree {
    enum query_tree_kind kind;
    double weight;             /* in its group: above 0 */
    struct query_tree **parts; /* owned, as are criteria and wanted; QUERY_NOT and QUERY_SELECT:
                                  one */
    size_t count, cap;
    struct criteria *criteria; /* QUERY_CRITERIA */
    struct wanted *wanted;     /* QUERY_WANTED */
    /* Totals of the tree below, including this node, which are checked against the limits. */
    size_t depth, nodes, conditions, wanted_nodes;
};

/* How the selected photos are ordered. Photos without a date come last in both orders by date;
 * equal dates are in descending order of id with NEWEST, in ascending order with OLDEST. */
enum query_sort {
    QUERY_SORT_DEFAULT, /* MATCH if the tree has wanted parts, otherwise NEWEST */
    QUERY_SORT_MATCH,
    QUERY_SORT_NEWEST,
    QUERY_SORT_OLDEST,
    QUERY_SORT_RANDOM, /* the same order for the same seed and photos */
};

/* ---- leaves ---- */

struct query_tree *query_tree_criteria(struct criteria *criteria);
/* ERR_INVALID: a sum without a part. */
int query_tree_wanted(struct wanted *wanted, struct query_tree **ret_tree,
                      struct error *err) MUST_CHECK;
/* A caption; errors as wanted_text. */
int query_tree_text(const char *text, struct query_tree **ret_tree, struct error *err) MUST_CHECK;

/* ---- groups ---- */

struct query_tree *query_tree_all(void); /* without parts: every photo */
struct query_tree *query_tree_any(void); /* without parts: no photo */
/* Adds a part to an ALL or ANY; `weight` is 1 unless the query says otherwise, and has no meaning
 * for criteria. ERR_INVALID: a weight that is not above 0, or above 1000; ERR_LIMIT: the tree would
 * be too large. */
int query_tree_add(struct query_tree *group, struct query_tree *part, double weight,
                   struct error *err) MUST_CHECK;
/* Makes a NOT of `part`: criteria exclude photos, what is wanted becomes what should not be in
 * them. */
int query_tree_negate(struct query_tree *part, struct query_tree **ret_tree,
                      struct error *err) MUST_CHECK;

/* Makes a SELECT of `part`; criteria stay as they are. */
int query_tree_select(struct query_tree *part, struct query_tree **ret_tree,
                      struct error *err) MUST_CHECK;

struct query_tree *query_tree_copy(const struct query_tree *tree);
void query_tree_free(struct query_tree *tree); /* NULL is fine */
DEFINE_AUTO(query_tree, query_tree_free)

/* ---- what a tree says ---- */

bool query_tree_is_wanted(const struct query_tree *tree); /* has wanted parts */
/* Returns whether the photo is an example in the tree. */
bool query_tree_is_example(const struct query_tree *tree, int64_t photo);
/* Returns the only wanted part of a plain search (see above), or NULL. *ret_criteria is what it is
 * combined with, NULL if nothing. Both belong to the tree. */
const struct wanted *query_tree_plain(const struct query_tree *tree,
                                      const struct criteria **ret_criteria);
/* Makes the criteria of the photos that are SURE (`sure`) or NO for every possible grade of the
 * wanted parts. The caller frees it. ERR_LIMIT. */
int query_tree_decided(const struct query_tree *tree, bool sure, struct criteria **ret_criteria,
                       struct error *err) MUST_CHECK;

/* Writes the tree in words, a line for each node, indented by two spaces for each level:
 *
 *     one of these, the stronger decides:
 *       all of these, the weaker decides:
 *         criteria: folder is /a (12 photos)
 *         shows "cat"
 *       shows "dog"
 *
 * `count` (may be NULL) gets the number of photos that match criteria; an error of it is returned.
 * The caller frees *ret_text. */
int query_tree_print(const struct query_tree *tree,
                     int (*count)(void *context, const struct criteria *criteria,
                                  int64_t *ret_photos, struct error *err),
                     void *context, char **ret_text, struct error *err) MUST_CHECK;
/* Writes criteria in words: "folder is /a and not (label is Mia or label is Ana)". The caller
 * frees. */
char *criteria_print(const struct criteria *criteria);
