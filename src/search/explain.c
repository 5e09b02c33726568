/* SPDX-License-Identifier: MIT */
/* Explains how a query was read. */
#include "search/explain.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "search/lower.h"

struct explaining {
    struct store *store;
    const struct syntax_query *query;
    const struct understood_options *options;
};

void explained_release(struct explained *explained)
{
    for (size_t i = 0; i < explained->count; i++)
        explained_release(&explained->parts[i]);
    free(explained->parts);
    free(explained->words);
    free(explained->text);
    free(explained->without);
    *explained = (struct explained){.words = NULL};
}

const char *explain_sort(const struct understood *query)
{
    switch (query->sort) {
    case QUERY_SORT_NEWEST:
        return "newest first";
    case QUERY_SORT_OLDEST:
        return "oldest first";
    case QUERY_SORT_RANDOM:
        return "in random order";
    case QUERY_SORT_MATCH:
        return "best match first";
    default:
        return query->is_listed ? "newest first" : "best match first";
    }
}

static size_t count_seen(const struct syntax *node)
{
    size_t seen = 0;
    for (size_t i = 0; i < node->count; i++)
        seen += syntax_is_seen(node->parts[i]);
    return seen;
}

static char *words_of_caption(const struct syntax *node)
{
    AUTO_FREE char *caption = syntax_caption(node);
    AUTO_FREE char *printed = syntax_print_node(node);
    return strchr(printed, '^') && !strchr(caption, '^')
               ? xasprintf("shows \"%s\", weighed as %s", caption, printed)
               : xasprintf("shows \"%s\"", caption);
}

/* Returns the words for a node that is not a criterion. */
static char *words_of_node(const struct syntax *node)
{
    switch (node->kind) {
    case SYNTAX_CAPTION:
        return words_of_caption(node);
    case SYNTAX_LIKE:
        return node->text[strspn(node->text, "0123456789")]
                   ? xasprintf("looks like the picture %s", node->text)
                   : xasprintf("looks like photo %s", node->text);
    case SYNTAX_NOT:
        return xstrdup(syntax_is_seen(node) ? "should not be in the picture" : "not");
    case SYNTAX_ANY:
        return xstrdup(count_seen(node) > 1 ? "one of these, the stronger decides"
                                            : "one of these");
    default:
        return xstrdup(count_seen(node) > 1 ? "all of these, the weaker decides" : "all of these");
    }
}

/* The values are at most 200 names of at most 200 bytes. */
static char *words_of_albums(const struct syntax *node)
{
    char *words = xstrdup("in the album ");
    for (size_t i = 0; i < node->value_count; i++) {
        AUTO_FREE char *before = words;
        words = xasprintf("%s%s%s", before, i ? " or " : "", node->values[i].text);
    }
    return words;
}

static char *words_of_exact(const struct syntax *node, const struct criteria *criteria)
{
    if (node->kind == SYNTAX_WRITTEN)
        return xasprintf("\"%s\" is written in its path, a label or another text", node->text);
    if (node->kind != SYNTAX_CRITERION)
        return words_of_node(node);
    char *near = node->keyword->form == KEYWORD_NEAR ? lower_near_words(node) : NULL;
    if (near)
        return near;
    return node->keyword->form == KEYWORD_ALBUM ? words_of_albums(node) : criteria_print(criteria);
}

/* Counts the photos that meet a node that is exact, and says its criteria in words. */
static int explain_exact(struct explaining *e, const struct syntax *node, struct explained *ret,
                         struct error *err)
{
    struct syntax_fault fault = {.instead = NULL};
    AUTO(query_tree) *tree = NULL;
    int rc = understood_node(e->store, node, e->options, &fault, &tree, err);
    syntax_fault_release(&fault);
    AUTO(criteria) *where = NULL;
    if (!rc)
        rc = query_tree_decided(tree, true, &where, err);
    if (rc)
        return rc;
    ret->words = words_of_exact(node, where);
    /* The photos of an album whose query is graded are not counted. */
    return query_tree_is_wanted(tree) ? 0 : understood_count(e->store, where, &ret->photos, err);
}

/* The caller releases *ret, even on failure. `parent` is NULL for the root. */
static int explain_node(struct explaining *e, const struct syntax *node,
                        const struct syntax *parent, struct explained *ret, struct error *err)
{
    bool is_removable = !parent || parent->kind != SYNTAX_NOT;
    *ret = (struct explained){.text = syntax_print_node(node),
                              .without = is_removable ? syntax_print_without(e->query, node) : NULL,
                              .kind = node->kind,
                              .keyword = node->keyword,
                              .span = node->span,
                              .photos = -1};
    int rc = 0;
    if (syntax_is_seen(node))
        ret->words = words_of_node(node);
    else
        rc = explain_exact(e, node, ret, err);
    ret->parts = xcalloc(node->count + 1, sizeof *ret->parts);
    for (size_t i = 0; !rc && i < node->count; i++) {
        rc = explain_node(e, node->parts[i], node, &ret->parts[i], err);
        ret->count++;
    }
    return rc;
}

/* Counts the photos that the criteria do not exclude. */
static int count_left(struct store *store, const struct query_tree *tree, int64_t *ret_photos,
                      struct error *err)
{
    AUTO(criteria) *excluded = NULL, *left = NULL;
    int rc = query_tree_decided(tree, false, &excluded, err);
    if (rc)
        return rc;
    struct criteria *taken = excluded;
    excluded = NULL;
    rc = criteria_negate(taken, &left, err);
    return rc ? rc : understood_count(store, left, ret_photos, err);
}

int explain_query(struct store *store, const struct understood *query,
                  const struct understood_options *options, struct explained *ret_root,
                  struct error *err)
{
    struct explaining e = {store, &query->syntax, options};
    struct explained root = {.photos = -1};
    int rc = 0;
    if (query->syntax.root)
        rc = explain_node(&e, query->syntax.root, NULL, &root, err);
    else
        root = (struct explained){.words = xstrdup("every photo"), .text = xstrdup("")};
    if (!rc)
        rc = count_left(store, query->tree, &root.photos, err);
    if (rc)
        explained_release(&root);
    else
        *ret_root = root;
    return rc;
}
