/* SPDX-License-Identifier: MIT */
/* Replaces the parts of a query tree that stand for the result of a search, such as albums, by the
 * photos that this search finds. */
#include "search/tree_search.h"

static bool has_select(const struct query_tree *tree)
{
    bool has = tree->kind == QUERY_SELECT;
    for (size_t i = 0; !has && i < tree->count; i++)
        has = has_select(tree->parts[i]);
    return has;
}

static int rebuild_tree(struct store *store, struct clip *clip, const struct query_tree *tree,
                        struct query_tree **ret_tree, struct error *err);

/* `part` has no SELECT below it. */
static int find_selected(struct store *store, struct clip *clip, const struct query_tree *part,
                         struct criteria **ret_criteria, struct error *err)
{
    struct id_list ids = {.ids = NULL};
    if (!query_tree_is_wanted(part))
        return query_tree_decided(part, true, ret_criteria, err);
    int rc = tree_search_ids(store, clip, part, &ids, err);
    if (!rc)
        rc = criteria_ids(ids.ids, ids.count, ret_criteria, err);
    id_list_release(&ids);
    return rc;
}

static int rebuild_select(struct store *store, struct clip *clip, const struct query_tree *tree,
                          struct query_tree **ret_tree, struct error *err)
{
    AUTO(query_tree) *part = NULL;
    struct criteria *criteria;
    int rc = rebuild_tree(store, clip, tree->parts[0], &part, err);
    if (!rc)
        rc = find_selected(store, clip, part, &criteria, err);
    if (!rc)
        *ret_tree = query_tree_criteria(criteria);
    return rc;
}

static int rebuild_group(struct store *store, struct clip *clip, const struct query_tree *tree,
                         struct query_tree **ret_tree, struct error *err)
{
    AUTO(query_tree) *group = tree->kind == QUERY_ALL ? query_tree_all() : query_tree_any();
    for (size_t i = 0; i < tree->count; i++) {
        struct query_tree *part;
        int rc = rebuild_tree(store, clip, tree->parts[i], &part, err);
        if (!rc)
            rc = query_tree_add(group, part, tree->parts[i]->weight, err);
        if (rc)
            return rc;
    }
    *ret_tree = group;
    group = NULL;
    return 0;
}

static int rebuild_tree(struct store *store, struct clip *clip, const struct query_tree *tree,
                        struct query_tree **ret_tree, struct error *err)
{
    struct query_tree *part;
    int rc;
    switch (tree->kind) {
    case QUERY_SELECT:
        return rebuild_select(store, clip, tree, ret_tree, err);
    case QUERY_NOT:
        rc = rebuild_tree(store, clip, tree->parts[0], &part, err);
        return rc ? rc : query_tree_negate(part, ret_tree, err);
    case QUERY_ALL:
    case QUERY_ANY:
        return rebuild_group(store, clip, tree, ret_tree, err);
    default:
        *ret_tree = query_tree_copy(tree);
        return 0;
    }
}

int tree_resolve(struct store *store, struct clip *clip, const struct query_tree *tree,
                 struct query_tree **ret_tree, struct error *err)
{
    *ret_tree = NULL;
    return has_select(tree) ? rebuild_tree(store, clip, tree, ret_tree, err) : 0;
}
