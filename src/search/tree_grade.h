/* SPDX-License-Identifier: MIT */
/* Computes the value of a query tree for a photo, as query/query_tree.h defines it. Private to
 * search/. */
#pragma once

#include <math.h>

#include "base/limits.h"
#include "search/search.h"

#define TREE_NO (-INFINITY)
#define TREE_SURE INFINITY
#define TREE_MIRROR 4.0      /* minus a grade: the grade of its NOT */
#define TREE_LOWEST (-1000.) /* the contrast of a photo for which it is undefined */
#define TREE_HIGHEST 1e6     /* no contrast is higher */

struct tree_node {
    const struct query_tree *tree;
    float *vector;                /* QUERY_WANTED: [dim] */
    bool is_text;                 /* the vector is not of pictures only */
    struct search_chance *chance; /* of a vector of pictures */
    size_t condition;             /* QUERY_CRITERIA: its number */
    struct tree_node *parts;
};

struct tree_grader {
    struct tree_node root;
    size_t dim;
    const float *background;
    const struct criteria *conditions[LIMIT_QUERY_CONDITIONS]; /* of the tree */
    size_t condition_count;
    bool truncated; /* a text was longer than the model's context */
    bool is_unread; /* a wanted text is in a script or language that the model does not read */
    const char *language; /* ... which is this one; NULL: a script */
    bool partly_unread;
};

/* Embeds the wanted parts. The caller releases the grader, even on failure. */
int tree_grader_init(struct tree_grader *grader, struct store *store, struct clip *clip,
                     const struct query_tree *tree, struct error *err) MUST_CHECK;
/* The same for a tree whose wanted parts are vectors [dim], without a model. The background is
 * borrowed: [CLIP_BACKGROUND_TEXTS][dim]. */
int tree_grader_init_vectors(struct tree_grader *grader, const struct query_tree *tree, size_t dim,
                             const float *background, struct error *err) MUST_CHECK;
void tree_grader_release(struct tree_grader *grader);

/* Returns TREE_NO, TREE_SURE or the grade of a photo [dim]. Bit i of `held` says whether condition
 * i holds for it. */
double tree_grade(const struct tree_grader *grader, uint64_t held, const float *photo);

/* ---- the rules for nodes, which tree_bounds.c shares ---- */

double tree_weigh_any(double value, double weight);

/* The value of an ALL, from those of its parts. */
struct tree_sum {
    double base, mirrored, against;
};
#define TREE_SUM_INIT           \
    {                           \
        TREE_SURE, TREE_SURE, 0 \
    }
/* Adds a part; `value` is its value or, if it is a NOT, that of the part of the NOT. */
void tree_sum_add(struct tree_sum *sum, const struct query_tree *part, double value);
double tree_sum_value(const struct tree_sum *sum);
