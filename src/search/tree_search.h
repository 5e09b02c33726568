/* SPDX-License-Identifier: MIT */
/* Searches for the tree of a query (query/query_tree.h). Private to search/. */
#pragma once

#include "search/tree_grade.h"
#include "search/tree_ids.h"

/* Runs a request with a tree that is not a plain search ranked by match. `clip` may be NULL if
 * nothing is wanted in the tree. `results` is released by the caller, even on failure. */
int tree_search(struct store *store, struct clip *clip, const struct search_request *request,
                struct search_results *results, struct error *err) MUST_CHECK;
/* The same with a grader of the request's tree. */
int tree_search_graded(struct store *store, const struct tree_grader *grader,
                       const struct search_request *request, struct search_results *results,
                       struct error *err) MUST_CHECK;

/* Adds the ids of all photos that are SURE or have a grade of at least SEARCH_WEAK, and sorts them.
 */
int tree_search_ids(struct store *store, struct clip *clip, const struct query_tree *tree,
                    struct id_list *ids, struct error *err) MUST_CHECK;

/* Replaces the SELECT nodes of a tree by criteria with the ids of their photos; *ret_tree is NULL
 * if there are none. The caller frees it. */
int tree_resolve(struct store *store, struct clip *clip, const struct query_tree *tree,
                 struct query_tree **ret_tree, struct error *err) MUST_CHECK;

/* Makes the criteria that every result meets: the filter of the request, `criteria` (may be NULL),
 * and not to be an example in the tree; NULL if there is nothing to meet. The caller frees it. */
int tree_scope(const struct search_request *request, const struct criteria *criteria,
               struct criteria **ret_scope, struct error *err) MUST_CHECK;
