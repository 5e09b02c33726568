/* SPDX-License-Identifier: MIT */
/* Turns syntax nodes into query trees: captions, examples and groups. */
#include "search/lower.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"

int lower_fault(struct lowering *l, struct syntax_span span, int rc)
{
    l->fault->span = span;
    return rc;
}

/* ---- captions ---- */

/* Returns the weight that all words share; 0: they differ. */
static double shared_weight(const struct syntax *node)
{
    for (size_t i = 1; i < node->word_count; i++)
        if (node->words[i].weight != node->words[0].weight)
            return 0;
    return node->words[0].weight;
}

/* A weighted word among others adds to the vector of the whole caption: "red^2 car" is the sum of
 * "red car" and "red". */
static int lower_weighted(const struct syntax *node, const char *caption,
                          struct query_tree **ret_tree, struct error *err)
{
    AUTO(wanted) *sum = wanted_sum();
    struct wanted *part;
    int rc = wanted_text(caption, &part, err);
    if (!rc)
        rc = wanted_add(sum, part, 1, err);
    for (size_t i = 0; !rc && i < node->word_count; i++) {
        if (node->words[i].weight == 1)
            continue;
        rc = wanted_text(node->words[i].text, &part, err);
        if (!rc)
            rc = wanted_add(sum, part, node->words[i].weight - 1, err);
    }
    if (rc)
        return rc;
    struct wanted *taken = sum;
    sum = NULL;
    return query_tree_wanted(taken, ret_tree, err);
}

static int lower_caption(struct lowering *l, const struct syntax *node,
                         struct query_tree **ret_tree, double *ret_weight, struct error *err)
{
    AUTO_FREE char *caption = syntax_caption(node);
    double shared = shared_weight(node);
    *ret_weight = node->weight * (shared > 0 ? shared : 1);
    int rc = shared > 0 ? query_tree_text(caption, ret_tree, err)
                        : lower_weighted(node, caption, ret_tree, err);
    return rc ? lower_fault(l, node->span, rc) : 0;
}

/* ---- examples ---- */

static int lower_photo(struct lowering *l, const struct syntax *node, struct wanted **ret_wanted,
                       struct error *err)
{
    struct store_photo photo;
    int64_t id = strlen(node->text) <= 18 ? strtoll(node->text, NULL, 10) : 0;
    if (l->options->blind)
        return lower_fault(
            l, node->span,
            error_set(err, ERR_INVALID, "like: is not available here: leave it out"));
    int rc = id ? store_get_photo(l->store, id, &photo, err) : ERR_NOT_FOUND;
    if (rc == ERR_NOT_FOUND && l->options->forgiving) {
        *ret_wanted = NULL;
        return 0;
    }
    if (rc == ERR_NOT_FOUND)
        return lower_fault(l, node->span,
                           error_set(err, rc, "like:%.20s: no photo has this number", node->text));
    if (rc)
        return rc;
    store_photo_release(&photo);
    *ret_wanted = wanted_photo(id);
    return 0;
}

static int lower_like(struct lowering *l, const struct syntax *node, struct query_tree **ret_tree,
                      struct error *err)
{
    struct wanted *wanted = NULL;
    int rc = 0;
    if (node->text[0] && strspn(node->text, "0123456789") == strlen(node->text)) {
        rc = lower_photo(l, node, &wanted, err);
    } else if (l->options->files && node->text[0]) {
        AUTO_FREE char *path = path_expand_home(node->text);
        wanted = wanted_file(path);
    } else {
        rc = lower_fault(l, node->span,
                         error_set(err, ERR_INVALID,
                                   "like: takes the number of a photo of the gallery%s",
                                   l->options->files ? ", or a picture file" : ", as like:812"));
    }
    if (!rc && !wanted)
        *ret_tree = query_tree_any();
    return rc || !wanted ? rc : query_tree_wanted(wanted, ret_tree, err);
}

/* ---- groups ---- */

static int lower_group(struct lowering *l, const struct syntax *node, struct query_tree **ret_tree,
                       struct error *err)
{
    AUTO(query_tree) *group = node->kind == SYNTAX_ALL ? query_tree_all() : query_tree_any();
    int rc = 0;
    for (size_t i = 0; !rc && i < node->count; i++) {
        struct query_tree *part;
        double weight;
        rc = lower_node(l, node->parts[i], &part, &weight, err);
        if (rc)
            return rc;
        rc = query_tree_add(group, part, weight, err);
        if (rc)
            return lower_fault(l, node->parts[i]->span, rc);
    }
    *ret_tree = group;
    group = NULL;
    return 0;
}

static int lower_negated(struct lowering *l, const struct syntax *node,
                         struct query_tree **ret_tree, double *ret_weight, struct error *err)
{
    struct query_tree *part;
    int rc = lower_node(l, node->parts[0], &part, ret_weight, err);
    if (rc)
        return rc;
    rc = query_tree_negate(part, ret_tree, err);
    return rc ? lower_fault(l, node->span, rc) : 0;
}

static int lower_exact(struct lowering *l, const struct syntax *node, struct query_tree **ret_tree,
                       struct error *err)
{
    struct criteria *criteria;
    if (node->kind == SYNTAX_CRITERION && node->keyword->form == KEYWORD_ALBUM)
        return lower_albums(l, node, ret_tree, err);
    int rc =
        (node->kind == SYNTAX_WRITTEN ? lower_written : lower_criterion)(l, node, &criteria, err);
    if (!rc)
        *ret_tree = query_tree_criteria(criteria);
    return rc;
}

int lower_node(struct lowering *l, const struct syntax *node, struct query_tree **ret_tree,
               double *ret_weight, struct error *err)
{
    *ret_weight = node->weight;
    switch (node->kind) {
    case SYNTAX_CAPTION:
        return lower_caption(l, node, ret_tree, ret_weight, err);
    case SYNTAX_LIKE:
        return lower_like(l, node, ret_tree, err);
    case SYNTAX_NOT:
        return lower_negated(l, node, ret_tree, ret_weight, err);
    case SYNTAX_ALL:
    case SYNTAX_ANY:
        return lower_group(l, node, ret_tree, err);
    default:
        return lower_exact(l, node, ret_tree, err);
    }
}
