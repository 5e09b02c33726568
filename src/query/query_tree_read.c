/* SPDX-License-Identifier: MIT */
/* Derives properties of the tree of a query from its form. */
#include "query/query_tree.h"

bool query_tree_is_wanted(const struct query_tree *tree)
{
    return tree->wanted_nodes > 0;
}

static bool is_example(const struct wanted *wanted, int64_t photo)
{
    bool any = wanted->kind == WANTED_PHOTO && wanted->photo == photo;
    for (size_t i = 0; !any && i < wanted->count; i++)
        any = is_example(wanted->parts[i], photo);
    return any;
}

bool query_tree_is_example(const struct query_tree *tree, int64_t photo)
{
    bool any = tree->kind == QUERY_WANTED && is_example(tree->wanted, photo);
    for (size_t i = 0; !any && i < tree->count; i++)
        any = query_tree_is_example(tree->parts[i], photo);
    return any;
}

const struct wanted *query_tree_plain(const struct query_tree *tree,
                                      const struct criteria **ret_criteria)
{
    const struct wanted *wanted = NULL;
    *ret_criteria = NULL;
    while ((tree->kind == QUERY_ALL || tree->kind == QUERY_ANY) && tree->count == 1)
        tree = tree->parts[0];
    if (tree->kind == QUERY_WANTED)
        return tree->wanted;
    if (tree->kind != QUERY_ALL || tree->count != 2)
        return NULL;
    for (size_t i = 0; i < tree->count; i++) {
        const struct query_tree *part = tree->parts[i];
        if (part->kind == QUERY_CRITERIA)
            *ret_criteria = part->criteria;
        else if (part->kind == QUERY_WANTED)
            wanted = part->wanted;
    }
    return *ret_criteria ? wanted : NULL;
}

/* ---- photos whose value no grade can change ---- */

/* Returns whether the criteria are an ALL (`all`) or ANY without parts. */
static bool is_constant(const struct criteria *criteria, bool all)
{
    return criteria->kind == (all ? CRITERIA_ALL : CRITERIA_ANY) && criteria->count == 0;
}

/* Adds a part to an AND (`all`) or OR, which it replaces if it decides the whole. */
static int combine_part(struct criteria **group, struct criteria *part, bool all, struct error *err)
{
    if (is_constant(part, all)) {
        criteria_free(part);
        return 0;
    }
    if (!is_constant(part, !all) && !is_constant(*group, !all))
        return criteria_add(*group, part, err);
    if (is_constant(*group, !all)) {
        criteria_free(part);
        return 0;
    }
    criteria_free(*group);
    *group = part;
    return 0;
}

static int decide_group(const struct query_tree *tree, bool sure, struct criteria **ret_criteria,
                        struct error *err)
{
    bool all = (tree->kind == QUERY_ALL) == sure;
    AUTO(criteria) *group = all ? criteria_all() : criteria_any();
    for (size_t i = 0; i < tree->count; i++) {
        struct criteria *part;
        int rc = query_tree_decided(tree->parts[i], sure, &part, err);
        if (!rc)
            rc = combine_part(&group, part, all, err);
        if (rc)
            return rc;
    }
    *ret_criteria = group;
    group = NULL;
    return 0;
}

int query_tree_decided(const struct query_tree *tree, bool sure, struct criteria **ret_criteria,
                       struct error *err)
{
    switch (tree->kind) {
    case QUERY_CRITERIA:
        if (!sure)
            return criteria_negate(criteria_copy(tree->criteria), ret_criteria, err);
        *ret_criteria = criteria_copy(tree->criteria);
        return 0;
    case QUERY_WANTED:
        *ret_criteria = criteria_any();
        return 0;
    case QUERY_SELECT:
        return query_tree_decided(tree->parts[0], sure, ret_criteria, err);
    case QUERY_NOT:
        return query_tree_decided(tree->parts[0], !sure, ret_criteria, err);
    default:
        return decide_group(tree, sure, ret_criteria, err);
    }
}
