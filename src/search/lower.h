/* SPDX-License-Identifier: MIT */
/* Turns syntax nodes into query trees. Private to search/. */
#pragma once

#include "search/understood.h"

/* The albums whose queries are being read, innermost first. */
struct album_chain {
    const char *folded;
    const struct album_chain *outer;
};

struct lowering {
    struct store *store;
    const struct understood_options *options;
    struct syntax_fault *fault;
    const char *text;                 /* of the query, for proposals; or NULL */
    const struct album_chain *inside; /* NULL: not in an album */
    size_t *albums_read;              /* so far; NULL: none yet */
};

/* *ret_weight is that of the node in its group. */
int lower_node(struct lowering *l, const struct syntax *node, struct query_tree **ret_tree,
               double *ret_weight, struct error *err) MUST_CHECK;

/* Makes the criteria of a criterion or of quoted words. */
int lower_criterion(struct lowering *l, const struct syntax *node, struct criteria **ret_criteria,
                    struct error *err) MUST_CHECK;
int lower_written(struct lowering *l, const struct syntax *node, struct criteria **ret_criteria,
                  struct error *err) MUST_CHECK;

/* Makes the tree of the albums that a criterion names. */
int lower_albums(struct lowering *l, const struct syntax *node, struct query_tree **ret_tree,
                 struct error *err) MUST_CHECK;
/* Makes the tree of an album: its query without what was left out, or what was put in. Unlike
 * another query, it may name things that the gallery lacks, unless `is_strict`. ERR_INVALID: the
 * query is wrong, or the album contains itself; l->fault has the place in the album's query. */
struct album;
int lower_album(struct lowering *l, const struct album *album, bool is_strict,
                struct query_tree **ret_tree, enum query_sort *ret_sort,
                struct error *err) MUST_CHECK;

/* Proposes a query with another value in place of one. */
void lower_propose(struct lowering *l, const struct syntax *node, const struct syntax_value *value,
                   char *instead, struct error *err);

/* Checks a name of a label. ERR_NOT_FOUND: no label has it; *ret_near is a similar name that the
 * caller frees, or NULL. */
int lower_find_label(struct store *store, const char *name, char **ret_near,
                     struct error *err) MUST_CHECK;

/* Checks a value of place: or country:, of which `leaf` is made. ERR_NOT_FOUND: no photo was taken
 * there, or there is no such place. */
int lower_check_place(struct lowering *l, const struct syntax *node,
                      const struct syntax_value *value, const struct criteria *leaf,
                      struct error *err) MUST_CHECK;
/* Reads the values of near: as latitude, longitude and kilometres, which the caller frees.
 * ERR_INVALID, or ERR_NOT_FOUND for the name of a place. */
int lower_read_near(struct lowering *l, const struct syntax *node, char *ret_numbers[3],
                    struct error *err) MUST_CHECK;
/* Says which place a near: names; NULL if it names none. The caller frees it. */
char *lower_near_words(const struct syntax *node);

/* The folders that a value means. */
struct folder_list {
    char **paths; /* owned */
    size_t count, cap;
    char *near; /* none: a similar name that the gallery has; owned; or NULL */
};
/* Finds the folders at this path or with this name. ERR_NOT_FOUND. */
int lower_find_folders(struct lowering *l, const char *value, struct folder_list *ret_list,
                       struct error *err) MUST_CHECK;
void folder_list_release(struct folder_list *list);

/* Sets the place of an error and returns `rc`. */
int lower_fault(struct lowering *l, struct syntax_span span, int rc);
