/* SPDX-License-Identifier: MIT */
/* Turns albums into query trees. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "search/album.h"
#include "search/lower.h"

/* Number of albums that one query may read, through other albums or directly. */
enum { MOST_ALBUMS = 200 };

static int make_hand_leaf(const char *criterion, const struct album *album,
                          struct query_tree **ret_tree, struct error *err)
{
    struct criteria *leaf;
    const char *name = album->folded;
    int rc = criteria_leaf(criterion, CRITERIA_IS, &name, 1, &leaf, err);
    if (!rc)
        *ret_tree = query_tree_criteria(leaf);
    return rc;
}

/* Adds both parts to the group, and takes ownership of all. */
static int join_parts(struct query_tree *group, struct query_tree *part, struct query_tree *other,
                      struct query_tree **ret_tree, struct error *err)
{
    AUTO(query_tree) *owned = group;
    int rc = query_tree_add(group, part, 1, err);
    if (rc) {
        query_tree_free(other);
        return rc;
    }
    rc = query_tree_add(group, other, 1, err);
    if (rc)
        return rc;
    *ret_tree = owned;
    owned = NULL;
    return 0;
}

/* Replaces *tree by what it is with the album's photos that were put in and left out by hand. On
 * failure *tree is freed. */
static int apply_hand(const struct album *album, struct query_tree **tree, struct error *err)
{
    struct query_tree *leaf;
    int rc = 0;
    if (album->left_out) {
        rc = make_hand_leaf("album_out", album, &leaf, err);
        if (!rc)
            rc = query_tree_negate(leaf, &leaf, err);
        if (rc)
            query_tree_free(*tree);
        else
            rc = join_parts(query_tree_all(), *tree, leaf, tree, err);
    }
    if (!rc && album->put_in) {
        rc = make_hand_leaf("album_in", album, &leaf, err);
        if (rc)
            query_tree_free(*tree);
        else
            rc = join_parts(query_tree_any(), leaf, *tree, tree, err);
    }
    return rc;
}

static int lower_saved(struct lowering *l, const struct album *album, struct query_tree **ret_tree,
                       enum query_sort *ret_sort, struct error *err)
{
    struct syntax_query syntax;
    double weight;
    *ret_sort = QUERY_SORT_DEFAULT;
    if (!album->query[0]) {
        *ret_tree = query_tree_any();
        return 0;
    }
    int rc = syntax_parse(album->query, &syntax, l->fault, err);
    if (rc)
        return rc;
    *ret_sort = syntax.sort;
    if (syntax.root)
        rc = lower_node(l, syntax.root, ret_tree, &weight, err);
    else
        *ret_tree = query_tree_all();
    syntax_query_release(&syntax);
    return rc;
}

static int check_chain(const struct lowering *l, const struct album *album, size_t read,
                       struct error *err)
{
    for (const struct album_chain *c = l->inside; c; c = c->outer)
        if (strcmp(c->folded, album->folded) == 0)
            return error_set(err, ERR_INVALID,
                             "the album %s would contain itself: leave album:%s out of the query "
                             "of one of the two",
                             album->name, album->name);
    return read > MOST_ALBUMS ? error_set(err, ERR_LIMIT,
                                          "the query reads more than %d albums through others: "
                                          "name fewer of them",
                                          MOST_ALBUMS)
                              : 0;
}

int lower_album(struct lowering *l, const struct album *album, bool is_strict,
                struct query_tree **ret_tree, enum query_sort *ret_sort, struct error *err)
{
    size_t first = 0, *count = l->albums_read ? l->albums_read : &first;
    struct understood_options options = *l->options;
    struct album_chain here = {album->folded, l->inside};
    struct lowering inner = *l;
    options.files = false;
    options.forgiving = !is_strict;
    inner.options = &options;
    inner.inside = &here;
    inner.albums_read = count;
    int rc = check_chain(l, album, ++*count, err);
    if (!rc)
        rc = lower_saved(&inner, album, ret_tree, ret_sort, err);
    return rc ? rc : apply_hand(album, ret_tree, err);
}

/* ---- the criterion ---- */

/* Makes the tree of one album that a query names; errors are about this query. */
static int lower_named(struct lowering *l, const struct album *album, struct query_tree **ret_tree,
                       struct error *err)
{
    struct syntax_fault fault = {.instead = NULL};
    struct lowering inner = *l;
    enum query_sort sort;
    struct error why = ERROR_INIT;
    inner.fault = &fault;
    inner.text = NULL;
    int rc = lower_album(&inner, album, false, ret_tree, &sort, &why);
    syntax_fault_release(&fault);
    if (!rc)
        return query_tree_select(*ret_tree, ret_tree, err);
    bool is_said = strncmp(why.message, "the album ", 10) == 0;
    return is_said ? error_set(err, rc, "%s", why.message)
                   : error_set(err, rc, "the album %s cannot be used here: %s", album->name,
                               why.message);
}

static int find_named(struct lowering *l, const struct syntax *node,
                      const struct syntax_value *value, struct query_tree **ret_tree,
                      struct error *err)
{
    struct album album;
    char *near = NULL;
    int rc = album_find(l->store, value->text, &album, &near, err);
    if (rc == ERR_NOT_FOUND && (l->options->blind || l->options->forgiving)) {
        free(near);
        *ret_tree = query_tree_any();
        return 0;
    }
    if (near)
        lower_propose(l, node, value, near, err);
    free(near);
    if (rc)
        return lower_fault(l, value->span, rc);
    rc = lower_named(l, &album, ret_tree, err);
    album_release(&album);
    return rc ? lower_fault(l, value->span, rc) : 0;
}

int lower_albums(struct lowering *l, const struct syntax *node, struct query_tree **ret_tree,
                 struct error *err)
{
    const struct understood_options *o = l->options;
    size_t first = 0;
    struct lowering counted = *l;
    if (!counted.albums_read)
        counted.albums_read = l->albums_read ? l->albums_read : &first;
    if (o->permits && !o->permits(o->context, node->keyword->criterion))
        return lower_fault(
            l, node->span,
            error_set(err, ERR_INVALID, "album: is not available here: leave it out"));
    AUTO(query_tree) *group = query_tree_any();
    for (size_t i = 0; i < node->value_count; i++) {
        struct query_tree *part;
        int rc = find_named(&counted, node, &node->values[i], &part, err);
        if (!rc)
            rc = query_tree_add(group, part, 1, err);
        if (rc)
            return rc;
    }
    *ret_tree = group;
    group = NULL;
    return 0;
}
