/* SPDX-License-Identifier: MIT */
/* Bounds the values of a query tree; see the header. */
#include "search/tree_bounds.h"

#include "clip/background.h"

/* Grades are computed from float32 sums: up to 1024 products of unit vectors are off by less than
 * 2e-5, which is 1 % of the least deviation. */
#define LEAST_DEVIATION 0.002
#define SLACK 0.01

/* ---- the leaves ---- */

static double dot_product(const float *a, const float *b, size_t dim)
{
    double sum = 0;
    for (size_t i = 0; i < dim; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

/* Adds the sum of the background vectors times `factors` to `sum`. */
static void add_background(const struct tree_grader *g, const double *factors, double *sum)
{
    for (size_t k = 0; k < CLIP_BACKGROUND_TEXTS; k++)
        for (size_t i = 0; i < g->dim; i++)
            sum[i] += factors[k] * (double)g->background[k * g->dim + i];
}

/* Returns a scale of 0 if the correlation is undefined. */
static double make_picture(const struct tree_grader *g, const float *vector, double *sum)
{
    double cosines[CLIP_BACKGROUND_TEXTS], mean = 0, squares = 0;
    for (size_t k = 0; k < CLIP_BACKGROUND_TEXTS; k++) {
        cosines[k] = dot_product(vector, g->background + k * g->dim, g->dim);
        mean += cosines[k] / CLIP_BACKGROUND_TEXTS;
    }
    for (size_t k = 0; k < CLIP_BACKGROUND_TEXTS; k++) {
        cosines[k] -= mean;
        squares += cosines[k] * cosines[k];
    }
    add_background(g, cosines, sum);
    return sqrt(squares * CLIP_BACKGROUND_TEXTS);
}

static double make_text(const struct tree_grader *g, const float *vector, double *sum)
{
    double factors[CLIP_BACKGROUND_TEXTS];
    for (size_t k = 0; k < CLIP_BACKGROUND_TEXTS; k++)
        factors[k] = -1.0 / CLIP_BACKGROUND_TEXTS;
    for (size_t i = 0; i < g->dim; i++)
        sum[i] += (double)vector[i];
    add_background(g, factors, sum);
    return 1;
}

static void add_leaf(struct tree_bounds *b, const struct tree_node *node)
{
    size_t dim = b->grader->dim;
    AUTO_FREE double *sum = xcalloc(dim, sizeof *sum);
    double scale = node->chance ? make_picture(b->grader, node->vector, sum)
                                : make_text(b->grader, node->vector, sum);
    b->is_possible &= scale > LEAST_DEVIATION;
    b->queries = xrealloc(b->queries, (b->n + 1) * dim * sizeof *b->queries);
    b->scales = xrealloc(b->scales, (b->n + 1) * sizeof *b->scales);
    for (size_t i = 0; i < dim; i++)
        b->queries[b->n * dim + i] = (float)sum[i];
    b->scales[b->n++] = scale;
}

static void add_leaves(struct tree_bounds *b, const struct tree_node *node)
{
    if (node->tree->kind == QUERY_WANTED)
        add_leaf(b, node);
    for (size_t i = 0; node->parts && i < node->tree->count; i++)
        add_leaves(b, &node->parts[i]);
}

/* ---- values ---- */

struct bounded {
    const struct tree_bounds *bounds;
    const struct vectors_range *products;
    struct vectors_range deviation;
    uint64_t held;
    size_t leaf; /* number of the next one */
};

static struct vectors_range node_range(struct bounded *p, const struct tree_node *node);

/* Returns the range of product / deviation. */
static struct vectors_range divide_ranges(struct vectors_range product,
                                          struct vectors_range deviation)
{
    double least = product.least / (product.least < 0 ? deviation.least : deviation.most);
    double most = product.most / (product.most > 0 ? deviation.least : deviation.most);
    return (struct vectors_range){least - SLACK - SLACK * fabs(least),
                                  most + SLACK + SLACK * fabs(most)};
}

static struct vectors_range leaf_range(struct bounded *p, const struct tree_node *node)
{
    size_t i = p->leaf++;
    struct vectors_range all = {TREE_LOWEST, TREE_HIGHEST};
    if (!(p->deviation.least >= LEAST_DEVIATION))
        return all;
    struct vectors_range value = divide_ranges(p->products[i], p->deviation);
    if (node->chance) {
        value.least = search_correlation_contrast(value.least / p->bounds->scales[i] - SLACK);
        value.most = search_correlation_contrast(value.most / p->bounds->scales[i] + SLACK);
    }
    return (struct vectors_range){fmax(all.least, value.least), fmin(all.most, value.most)};
}

static struct vectors_range any_range(struct bounded *p, const struct tree_node *node)
{
    struct vectors_range best = {TREE_NO, TREE_NO};
    for (size_t i = 0; i < node->tree->count; i++) {
        double weight = node->parts[i].tree->weight;
        struct vectors_range part = node_range(p, &node->parts[i]);
        best.least = fmax(best.least, tree_weigh_any(part.least, weight));
        best.most = fmax(best.most, tree_weigh_any(part.most, weight));
    }
    return best;
}

static struct vectors_range all_range(struct bounded *p, const struct tree_node *node)
{
    struct tree_sum least = TREE_SUM_INIT, most = TREE_SUM_INIT;
    for (size_t i = 0; i < node->tree->count; i++) {
        const struct tree_node *part = &node->parts[i];
        bool without = part->tree->kind == QUERY_NOT;
        struct vectors_range value = node_range(p, without ? part->parts : part);
        tree_sum_add(&least, part->tree, without ? value.most : value.least);
        tree_sum_add(&most, part->tree, without ? value.least : value.most);
    }
    return (struct vectors_range){tree_sum_value(&least), tree_sum_value(&most)};
}

static struct vectors_range node_range(struct bounded *p, const struct tree_node *node)
{
    double sure = TREE_SURE;
    struct vectors_range part;
    switch (node->tree->kind) {
    case QUERY_CRITERIA:
        sure = p->held >> node->condition & 1 ? TREE_SURE : TREE_NO;
        return (struct vectors_range){sure, sure};
    case QUERY_WANTED:
        return leaf_range(p, node);
    case QUERY_NOT:
        part = node_range(p, node->parts);
        return (struct vectors_range){TREE_MIRROR - part.most, TREE_MIRROR - part.least};
    case QUERY_SELECT:
        BUG("a SELECT was not resolved");
    case QUERY_ANY:
        return any_range(p, node);
    default:
        return all_range(p, node);
    }
}

static struct vectors_range grade_row(void *context, int64_t id,
                                      const struct vectors_range *products,
                                      struct vectors_range deviation)
{
    const struct tree_bounds *b = context;
    struct bounded p = {
        .bounds = b, .products = products, .deviation = deviation, .held = b->held(b->context, id)};
    return node_range(&p, &b->grader->root);
}

void tree_bounds_init(struct tree_bounds *bounds, const struct tree_grader *grader,
                      uint64_t (*held)(void *context, int64_t id), void *context)
{
    *bounds = (struct tree_bounds){
        .grader = grader, .is_possible = true, .held = held, .context = context};
    add_leaves(bounds, &grader->root);
    bounds->is_possible &= bounds->n > 0;
}

void tree_bounds_release(struct tree_bounds *bounds)
{
    free(bounds->queries);
    free(bounds->scales);
}

struct vectors_grading tree_bounds_grading(struct tree_bounds *bounds)
{
    return (struct vectors_grading){.queries = bounds->queries,
                                    .background = bounds->grader->background,
                                    .n = bounds->n,
                                    .background_count = CLIP_BACKGROUND_TEXTS,
                                    .grade = grade_row,
                                    .context = bounds};
}
