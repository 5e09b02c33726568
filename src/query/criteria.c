/* SPDX-License-Identifier: MIT */
/* Builds, copies and frees trees of criteria. */
#include "query/criteria.h"

#include <string.h>

#include "base/limits.h"
#include "query/criteria_internal.h"

static struct criteria *new_group(enum criteria_kind kind)
{
    struct criteria *group = xcalloc(1, sizeof *group);
    group->kind = kind;
    group->depth = group->nodes = 1;
    return group;
}

struct criteria *criteria_all(void)
{
    return new_group(CRITERIA_ALL);
}

struct criteria *criteria_any(void)
{
    return new_group(CRITERIA_ANY);
}

int criteria_check_size(const struct criteria *criteria, struct error *err)
{
    if (criteria->depth > LIMIT_CRITERIA_DEPTH)
        return error_set(err, ERR_LIMIT,
                         "the criteria are nested more than %d deep: write them more simply",
                         LIMIT_CRITERIA_DEPTH);
    if (criteria->nodes > LIMIT_CRITERIA_NODES)
        return error_set(err, ERR_LIMIT,
                         "more than %d criteria in one query: ask with fewer of them",
                         LIMIT_CRITERIA_NODES);
    if (criteria->total_values > LIMIT_CRITERIA_VALUES)
        return error_set(err, ERR_LIMIT,
                         "more than %d values in the criteria of one query: ask with fewer of them",
                         LIMIT_CRITERIA_VALUES);
    if (criteria->total_ids > LIMIT_CRITERIA_IDS)
        return error_set(err, ERR_LIMIT, "more than %d ids in one query: ask with fewer of them",
                         LIMIT_CRITERIA_IDS);
    return 0;
}

int criteria_add(struct criteria *group, struct criteria *part, struct error *err)
{
    struct criteria sizes = *group;
    if (group->kind != CRITERIA_ALL && group->kind != CRITERIA_ANY)
        BUG("only a group takes parts");
    sizes.depth = part->depth >= group->depth ? part->depth + 1 : group->depth;
    sizes.nodes += part->nodes;
    sizes.total_values += part->total_values;
    sizes.total_ids += part->total_ids;
    int rc = criteria_check_size(&sizes, err);
    if (rc) {
        criteria_free(part);
        return rc;
    }
    *group = sizes;
    ARRAY_GROW(group->parts, group->cap, group->count + 1);
    group->parts[group->count++] = part;
    return 0;
}

int criteria_negate(struct criteria *part, struct criteria **ret_criteria, struct error *err)
{
    AUTO(criteria) *negation = new_group(CRITERIA_ALL);
    int rc = criteria_add(negation, part, err);
    if (rc)
        return rc;
    negation->kind = CRITERIA_NOT;
    *ret_criteria = negation;
    negation = NULL;
    return 0;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int criteria_ids(const int64_t *ids, size_t n, struct criteria **ret_criteria, struct error *err)
{
    AUTO(criteria) *leaf = new_group(CRITERIA_LEAF);
    leaf->criterion = criterion_find("id");
    leaf->total_ids = n;
    int rc = criteria_check_size(leaf, err);
    if (rc)
        return rc;
    leaf->ids = xmalloc((n + 1) * sizeof *ids);
    if (n)
        memcpy(leaf->ids, ids, n * sizeof *ids);
    qsort(leaf->ids, n, sizeof *ids, compare_ids);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || leaf->ids[i] != leaf->ids[i - 1])
            leaf->ids[leaf->id_count++] = leaf->ids[i];
    *ret_criteria = leaf;
    leaf = NULL;
    return 0;
}

static void copy_leaf(const struct criteria *from, struct criteria *to)
{
    to->values = xmalloc((from->value_count + 1) * sizeof *to->values);
    for (size_t i = 0; i < from->value_count; i++) {
        to->values[i] = from->values[i];
        to->values[i].text = from->values[i].text ? xstrdup(from->values[i].text) : NULL;
    }
    if (!from->ids)
        return;
    to->ids = xmalloc((from->id_count + 1) * sizeof *to->ids);
    memcpy(to->ids, from->ids, from->id_count * sizeof *to->ids);
}

struct criteria *criteria_copy(const struct criteria *criteria)
{
    struct criteria *copy = xmalloc(sizeof *copy);
    *copy = *criteria;
    copy->cap = criteria->count;
    copy->parts = xmalloc((copy->cap + 1) * sizeof *copy->parts);
    for (size_t i = 0; i < copy->count; i++)
        copy->parts[i] = criteria_copy(criteria->parts[i]);
    copy_leaf(criteria, copy);
    return copy;
}

void criteria_free(struct criteria *criteria)
{
    if (!criteria)
        return;
    for (size_t i = 0; i < criteria->count; i++)
        criteria_free(criteria->parts[i]);
    for (size_t i = 0; i < criteria->value_count; i++)
        free(criteria->values[i].text);
    free(criteria->parts);
    free(criteria->values);
    free(criteria->ids);
    free(criteria);
}
