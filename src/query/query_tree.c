/* SPDX-License-Identifier: MIT */
/* Builds, copies and frees trees of queries. */
#include "query/query_tree.h"

#include "base/limits.h"

#define HEAVIEST 1000.0

static struct query_tree *new_node(enum query_tree_kind kind)
{
    struct query_tree *node = xcalloc(1, sizeof *node);
    node->kind = kind;
    node->weight = 1;
    node->depth = node->nodes = 1;
    return node;
}

struct query_tree *query_tree_all(void)
{
    return new_node(QUERY_ALL);
}

struct query_tree *query_tree_any(void)
{
    return new_node(QUERY_ANY);
}

struct query_tree *query_tree_criteria(struct criteria *criteria)
{
    struct query_tree *leaf = new_node(QUERY_CRITERIA);
    leaf->criteria = criteria;
    leaf->conditions = 1;
    return leaf;
}

int query_tree_wanted(struct wanted *wanted, struct query_tree **ret_tree, struct error *err)
{
    int rc = wanted_check(wanted, err);
    if (rc) {
        wanted_free(wanted);
        return rc;
    }
    struct query_tree *leaf = new_node(QUERY_WANTED);
    leaf->wanted = wanted;
    leaf->wanted_nodes = wanted->nodes;
    *ret_tree = leaf;
    return 0;
}

int query_tree_text(const char *text, struct query_tree **ret_tree, struct error *err)
{
    struct wanted *wanted;
    int rc = wanted_text(text, &wanted, err);
    return rc ? rc : query_tree_wanted(wanted, ret_tree, err);
}

/* ---- groups ---- */

static void count_totals(struct query_tree *group)
{
    group->depth = group->nodes = 1;
    group->conditions = group->wanted_nodes = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct query_tree *part = group->parts[i];
        group->depth = part->depth >= group->depth ? part->depth + 1 : group->depth;
        group->nodes += part->nodes;
        group->conditions += part->conditions;
        group->wanted_nodes += part->wanted_nodes;
    }
}

static int check_size(const struct query_tree *group, const struct query_tree *part,
                      struct error *err)
{
    if (part->depth >= LIMIT_QUERY_DEPTH)
        return error_set(err, ERR_LIMIT,
                         "the query is nested more than %d deep: write it more simply",
                         LIMIT_QUERY_DEPTH);
    if (group->nodes + part->nodes > LIMIT_QUERY_NODES ||
        group->conditions + part->conditions > LIMIT_QUERY_CONDITIONS)
        return error_set(err, ERR_LIMIT, "the query has too many parts: ask for fewer things");
    if (group->wanted_nodes + part->wanted_nodes > LIMIT_WANTED_NODES)
        return error_set(err, ERR_LIMIT,
                         "the query has more than %d texts and pictures: ask for fewer",
                         LIMIT_WANTED_NODES);
    return 0;
}

static void append_part(struct query_tree *group, struct query_tree *part)
{
    ARRAY_GROW(group->parts, group->cap, group->count + 1);
    group->parts[group->count++] = part;
}

static struct query_tree *criteria_part(const struct query_tree *group)
{
    for (size_t i = 0; i < group->count; i++)
        if (group->parts[i]->kind == QUERY_CRITERIA)
            return group->parts[i];
    return NULL;
}

/* Adds criteria to the group's one leaf of criteria. Frees them on failure, and leaves the group
 * unchanged. */
static int merge_criteria(struct query_tree *group, struct criteria *criteria, struct error *err)
{
    enum criteria_kind kind = group->kind == QUERY_ALL ? CRITERIA_ALL : CRITERIA_ANY;
    struct query_tree *leaf = criteria_part(group);
    if (leaf)
        return criteria_add(leaf->criteria, criteria, err);
    struct criteria *together = criteria;
    if (criteria->kind != kind) {
        together = kind == CRITERIA_ALL ? criteria_all() : criteria_any();
        int rc = criteria_add(together, criteria, err);
        if (rc) {
            criteria_free(together);
            return rc;
        }
    }
    append_part(group, query_tree_criteria(together));
    return 0;
}

/* Moves the parts of `part`, a group of the same kind, into the group. */
static int merge_group(struct query_tree *group, struct query_tree *part, struct error *err)
{
    struct query_tree *leaf = criteria_part(part);
    int rc = 0;
    if (leaf) {
        struct criteria *criteria = leaf->criteria;
        leaf->criteria = NULL;
        rc = merge_criteria(group, criteria, err);
    }
    for (size_t i = 0; !rc && i < part->count; i++) {
        if (part->parts[i] != leaf)
            append_part(group, part->parts[i]);
        else
            query_tree_free(leaf);
    }
    if (!rc)
        part->count = 0;
    query_tree_free(part);
    return rc;
}

/* Returns the part that a group of none or one part is equal to, or the tree itself. */
static struct query_tree *simplify(struct query_tree *tree)
{
    bool group = tree->kind == QUERY_ALL || tree->kind == QUERY_ANY;
    if (!group || tree->count > 1 || (tree->count == 1 && tree->parts[0]->weight != 1))
        return tree;
    bool all = tree->kind == QUERY_ALL;
    struct query_tree *part =
        tree->count ? tree->parts[0] : query_tree_criteria(all ? criteria_all() : criteria_any());
    tree->count = 0;
    query_tree_free(tree);
    return part;
}

int query_tree_add(struct query_tree *group, struct query_tree *part, double weight,
                   struct error *err)
{
    int rc = 0;
    if (group->kind != QUERY_ALL && group->kind != QUERY_ANY)
        BUG("only a group takes parts");
    if (!(weight > 0 && weight <= HEAVIEST))
        rc = error_set(err, ERR_INVALID,
                       "%g is not a weight of a part of the query: write a number above 0, up to "
                       "%g",
                       weight, HEAVIEST);
    if (!rc)
        rc = check_size(group, part, err);
    if (rc) {
        query_tree_free(part);
        return rc;
    }
    part = simplify(part);
    if (part->kind == QUERY_CRITERIA) {
        struct criteria *criteria = part->criteria;
        part->criteria = NULL;
        query_tree_free(part);
        rc = merge_criteria(group, criteria, err);
    } else if (part->kind == group->kind && weight == 1) {
        rc = merge_group(group, part, err);
    } else {
        part->weight = weight;
        append_part(group, part);
    }
    count_totals(group);
    return rc;
}

/* Makes a node of one part. */
static int make_parent(enum query_tree_kind kind, struct query_tree *part,
                       struct query_tree **ret_tree, struct error *err)
{
    struct query_tree *parent = new_node(kind);
    int rc = check_size(parent, part, err);
    if (rc) {
        query_tree_free(parent);
        query_tree_free(part);
        return rc;
    }
    append_part(parent, part);
    count_totals(parent);
    *ret_tree = parent;
    return 0;
}

int query_tree_negate(struct query_tree *part, struct query_tree **ret_tree, struct error *err)
{
    part = simplify(part);
    if (part->kind == QUERY_CRITERIA) {
        struct criteria *criteria = part->criteria;
        part->criteria = NULL;
        int rc = criteria_negate(criteria, &part->criteria, err);
        if (rc)
            query_tree_free(part);
        else
            *ret_tree = part;
        return rc;
    }
    return make_parent(QUERY_NOT, part, ret_tree, err);
}

int query_tree_select(struct query_tree *part, struct query_tree **ret_tree, struct error *err)
{
    part = simplify(part);
    if (part->kind != QUERY_CRITERIA && part->kind != QUERY_SELECT)
        return make_parent(QUERY_SELECT, part, ret_tree, err);
    *ret_tree = part;
    return 0;
}

struct query_tree *query_tree_copy(const struct query_tree *tree)
{
    struct query_tree *copy = xmalloc(sizeof *copy);
    *copy = *tree;
    copy->cap = tree->count;
    copy->parts = xmalloc((copy->cap + 1) * sizeof *copy->parts);
    for (size_t i = 0; i < copy->count; i++)
        copy->parts[i] = query_tree_copy(tree->parts[i]);
    copy->criteria = tree->criteria ? criteria_copy(tree->criteria) : NULL;
    copy->wanted = tree->wanted ? wanted_copy(tree->wanted) : NULL;
    return copy;
}

void query_tree_free(struct query_tree *tree)
{
    if (!tree)
        return;
    for (size_t i = 0; i < tree->count; i++)
        query_tree_free(tree->parts[i]);
    free(tree->parts);
    criteria_free(tree->criteria);
    wanted_free(tree->wanted);
    free(tree);
}
