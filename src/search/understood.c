/* SPDX-License-Identifier: MIT */
/* Gives the text of a query its meaning in a gallery. */
#include "search/understood.h"

#include <string.h>

#include "base/memory.h"
#include "search/lower.h"
#include "store/listing.h"

static const struct understood_options no_options;

void understood_release(struct understood *query)
{
    syntax_query_release(&query->syntax);
    query_tree_free(query->tree);
    free(query->text);
    *query = (struct understood){.tree = NULL};
}

int understood_node(struct store *store, const struct syntax *node,
                    const struct understood_options *options, struct syntax_fault *fault,
                    struct query_tree **ret_tree, struct error *err)
{
    struct lowering l = {
        .store = store, .options = options ? options : &no_options, .fault = fault};
    double weight;
    return lower_node(&l, node, ret_tree, &weight, err);
}

int understood_read(struct store *store, const char *text, const struct understood_options *options,
                    struct understood *ret_query, struct syntax_fault *ret_fault, struct error *err)
{
    struct understood query = {.tree = NULL};
    int rc = syntax_parse(text, &query.syntax, ret_fault, err);
    if (rc)
        return rc;
    struct lowering l = {.store = store,
                         .options = options ? options : &no_options,
                         .fault = ret_fault,
                         .text = text};
    double weight;
    if (query.syntax.root)
        rc = lower_node(&l, query.syntax.root, &query.tree, &weight, err);
    else
        query.tree = query_tree_all();
    if (rc) {
        understood_release(&query);
        return rc;
    }
    query.sort = query.syntax.sort;
    query.is_listed = !query_tree_is_wanted(query.tree);
    query.text = xstrdup(text);
    *ret_query = query;
    return 0;
}

/* ---- counting ---- */

static int add_month(void *context, const struct store_month *month)
{
    *(int64_t *)context += month->photos;
    return 0;
}

int understood_count(struct store *store, const struct criteria *criteria, int64_t *ret_photos,
                     struct error *err)
{
    struct store_filter filter = {.where = criteria};
    *ret_photos = 0;
    return store_list_months(store, &filter, add_month, ret_photos, err);
}

/* Returns the text of the node if it is a criterion that no photo meets. */
static char *unmet_text(struct store *store, const struct syntax *node,
                        const struct understood_options *options)
{
    struct syntax_fault fault = {.instead = NULL};
    AUTO(query_tree) *tree = NULL;
    AUTO(criteria) *where = NULL;
    int64_t photos = 1;
    if (node->kind != SYNTAX_CRITERION && node->kind != SYNTAX_WRITTEN)
        return NULL;
    int rc = understood_node(store, node, options, &fault, &tree, NULL);
    if (!rc && !query_tree_is_wanted(tree))
        rc = query_tree_decided(tree, true, &where, NULL);
    if (!rc && where)
        rc = understood_count(store, where, &photos, NULL);
    syntax_fault_release(&fault);
    return rc || photos > 0 ? NULL : syntax_print_node(node);
}

char *understood_culprit(struct store *store, const struct understood *query,
                         const struct understood_options *options)
{
    const struct syntax *root = query->syntax.root;
    if (!root || root->kind != SYNTAX_ALL)
        return root ? unmet_text(store, root, options) : NULL;
    char *text = NULL;
    for (size_t i = 0; !text && i < root->count; i++)
        text = unmet_text(store, root->parts[i], options);
    return text;
}
