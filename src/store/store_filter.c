/* SPDX-License-Identifier: MIT */
/* Translates a filter of options, parameters and arguments into a tree of criteria; no other file
 * does. */
#include <string.h>

#include "store/filter.h"

static int add_leaf(struct criteria *tree, const char *name, enum criteria_compare compare,
                    const char *const *values, size_t n, struct error *err)
{
    struct criteria *leaf;
    int rc = criteria_leaf(name, compare, values, n, &leaf, err);
    return rc ? rc : criteria_add(tree, leaf, err);
}

static int add_dates(struct criteria *tree, const struct store_filter *filter, struct error *err)
{
    const char *dates[] = {filter->from, filter->until};
    if (filter->from && filter->until)
        return add_leaf(tree, "date", CRITERIA_WITHIN, dates, 2, err);
    if (filter->from)
        return add_leaf(tree, "date", CRITERIA_AT_LEAST, &dates[0], 1, err);
    return filter->until ? add_leaf(tree, "date", CRITERIA_AT_MOST, &dates[1], 1, err) : 0;
}

bool store_filter_any(const struct store_filter *filter)
{
    return filter &&
           (filter->folder || filter->from || filter->until || filter->label || filter->where);
}

int store_filter_tree(const struct store_filter *filter, struct criteria **ret_where,
                      struct error *err)
{
    *ret_where = NULL;
    if (!store_filter_any(filter))
        return 0;
    if (filter->where && !filter->folder && !filter->from && !filter->until && !filter->label) {
        *ret_where = criteria_copy(filter->where);
        return 0;
    }
    AUTO(criteria) *tree = criteria_all();
    int rc = filter->folder ? add_leaf(tree, "folder", CRITERIA_IS, &filter->folder, 1, err) : 0;
    if (!rc)
        rc = add_dates(tree, filter, err);
    if (!rc && filter->label)
        rc = add_leaf(tree, "label", CRITERIA_IS, &filter->label, 1, err);
    if (!rc && filter->where)
        rc = criteria_add(tree, criteria_copy(filter->where), err);
    if (rc)
        return rc;
    *ret_where = tree;
    tree = NULL;
    return 0;
}

static char *copy_text(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

struct store_filter store_filter_copy(const struct store_filter *filter)
{
    return (struct store_filter){.folder = copy_text(filter->folder),
                                 .from = copy_text(filter->from),
                                 .until = copy_text(filter->until),
                                 .label = copy_text(filter->label),
                                 .where = filter->where ? criteria_copy(filter->where) : NULL};
}

void store_filter_release(struct store_filter *copy)
{
    const char *owned[] = {copy->folder, copy->from, copy->until, copy->label};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free((char *)(uintptr_t)owned[i]);
    criteria_free((struct criteria *)(uintptr_t)copy->where);
    *copy = (struct store_filter){.folder = NULL};
}
