/* SPDX-License-Identifier: MIT */
/* Gives the text of a query its meaning in a gallery: parses it, finds the folders, labels and
 * photos that it names, and makes the tree that search_run takes.
 *
 *     struct understood query;
 *     struct syntax_fault fault;
 *     rc = understood_read(store, "beach -crowd in:trips", &options, &query, &fault, err);
 *     if (!rc) rc = search_run(store, clip, id, &(struct search_request){
 *                      .tree = query.tree, .sort = query.sort, .k = 10}, &results, err);
 *     understood_release(&query); */
#pragma once

#include <stdbool.h>

#include "query/query_tree.h"
#include "query/syntax.h"
#include "store/store.h"

struct understood_options {
    bool files; /* like:FILE may name a picture file, and folders may be relative (./x) */
    bool blind; /* a name that the gallery lacks selects nothing, as one would that is withheld: for
                   programs that must not learn which names there are */
    bool forgiving; /* a name or photo that the gallery lacks selects nothing: for saved queries,
                       which outlive what they name */
    /* Returns whether the query may ask for this criterion; NULL: every one. For programs that must
     * not learn every fact of a photo. */
    bool (*permits)(const void *context, const char *criterion);
    const void *context;
};

struct understood {
    struct syntax_query syntax;
    struct query_tree *tree;
    enum query_sort sort;
    bool is_listed; /* without anything that photos show: a list by date */
    char *text;     /* the query as it was given */
};

/* ERR_INVALID: against the grammar, an unknown criterion or an impossible value; ERR_NOT_FOUND: a
 * folder, label or photo that the gallery does not have. Both have their place in *ret_fault, which
 * the caller releases after any failure. Also the errors of the store. */
int understood_read(struct store *store, const char *text, const struct understood_options *options,
                    struct understood *ret_query, struct syntax_fault *ret_fault,
                    struct error *err) MUST_CHECK;
void understood_release(struct understood *query);

/* Makes the tree of one node alone. */
int understood_node(struct store *store, const struct syntax *node,
                    const struct understood_options *options, struct syntax_fault *fault,
                    struct query_tree **ret_tree, struct error *err) MUST_CHECK;

/* Counts the photos that the criteria select. */
int understood_count(struct store *store, const struct criteria *criteria, int64_t *ret_photos,
                     struct error *err) MUST_CHECK;

/* Finds a criterion that no photo meets, for a search without results: returns its text, which the
 * caller frees, or NULL if each is met by some photo, or an error kept that from being found out.
 */
char *understood_culprit(struct store *store, const struct understood *query,
                         const struct understood_options *options);
