/* SPDX-License-Identifier: MIT */
/* Makes the criteria that every result of a query tree meets. */
#include "search/tree_ids.h"
#include "search/tree_search.h"

static void note_examples(const struct wanted *wanted, struct id_list *ids)
{
    if (wanted->kind == WANTED_PHOTO)
        id_list_add(ids, wanted->photo);
    for (size_t i = 0; i < wanted->count; i++)
        note_examples(wanted->parts[i], ids);
}

static void find_examples(const struct query_tree *tree, struct id_list *ids)
{
    if (tree->kind == QUERY_WANTED)
        note_examples(tree->wanted, ids);
    for (size_t i = 0; i < tree->count; i++)
        find_examples(tree->parts[i], ids);
}

/* Takes ownership of `part`. */
static int add_scope(struct criteria **scope, struct criteria *part, struct error *err)
{
    if (!*scope)
        *scope = criteria_all();
    return criteria_add(*scope, part, err);
}

int tree_scope(const struct search_request *request, const struct criteria *criteria,
               struct criteria **ret_scope, struct error *err)
{
    struct id_list examples = {.ids = NULL};
    struct criteria *part = NULL;
    AUTO(criteria) *scope = NULL;
    find_examples(request->tree, &examples);
    int rc = store_filter_tree(request->filter, &part, err);
    if (!rc && part)
        rc = add_scope(&scope, part, err);
    if (!rc && criteria)
        rc = add_scope(&scope, criteria_copy(criteria), err);
    if (!rc && examples.count) {
        rc = criteria_ids(examples.ids, examples.count, &part, err);
        if (!rc)
            rc = criteria_negate(part, &part, err);
        if (!rc)
            rc = add_scope(&scope, part, err);
    }
    id_list_release(&examples);
    if (rc)
        return rc;
    *ret_scope = scope;
    scope = NULL;
    return 0;
}
