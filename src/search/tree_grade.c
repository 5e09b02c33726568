/* SPDX-License-Identifier: MIT */
/* Computes the value of a query tree for a photo. */
#include "search/tree_grade.h"

#include "base/limits.h"
#include "clip/background.h"
#include "search/wanted_embed.h"

#define EXCLUSION 0.5 /* of what stands out above chance; tuned by bench/bench_pairs.c */

_Static_assert((int)CLIP_BACKGROUND_TEXTS <= (int)SEARCH_CHANCE_TEXTS,
               "a photo has a cosine with each");

/* ---- the nodes ---- */

static void release_node(struct tree_node *node)
{
    for (size_t i = 0; node->parts && i < node->tree->count; i++)
        release_node(&node->parts[i]);
    free(node->parts);
    free(node->vector);
    free(node->chance);
}

static int embed_leaf(struct tree_grader *g, struct store *store, struct clip *clip,
                      struct tree_node *node, struct error *err)
{
    const struct wanted *wanted = node->tree->wanted;
    node->vector = xmalloc(g->dim * sizeof *node->vector);
    node->is_text = wanted_has_text(wanted);
    if (node->is_text) {
        struct reading reading = wanted_reading(clip, wanted);
        g->is_unread |= reading.none;
        g->partly_unread |= reading.some;
        g->language = reading.language ? reading.language : g->language;
    }
    int rc = wanted->kind == WANTED_VECTOR
                 ? wanted_given_vector(wanted, g->dim, node->vector, err)
                 : wanted_embed(store, clip, wanted, node->vector, &g->truncated, err);
    if (!rc && !node->is_text) {
        node->chance = xmalloc(sizeof *node->chance);
        search_chance_init(node->chance, node->vector, g->background, CLIP_BACKGROUND_TEXTS,
                           g->dim);
    }
    return rc;
}

static int make_node(struct tree_grader *g, struct store *store, struct clip *clip,
                     const struct query_tree *tree, struct tree_node *node, struct error *err)
{
    *node = (struct tree_node){.tree = tree};
    if (tree->kind == QUERY_WANTED)
        return embed_leaf(g, store, clip, node, err);
    if (tree->kind == QUERY_CRITERIA) {
        if (g->condition_count == LIMIT_QUERY_CONDITIONS)
            BUG("a tree of more conditions than query_tree_add allows");
        node->condition = g->condition_count++;
        g->conditions[node->condition] = tree->criteria;
        return 0;
    }
    int rc = 0;
    node->parts = xcalloc(tree->count + 1, sizeof *node->parts);
    for (size_t i = 0; i < tree->count; i++)
        node->parts[i].tree = tree->parts[i];
    for (size_t i = 0; !rc && i < tree->count; i++)
        rc = make_node(g, store, clip, tree->parts[i], &node->parts[i], err);
    return rc;
}

int tree_grader_init(struct tree_grader *grader, struct store *store, struct clip *clip,
                     const struct query_tree *tree, struct error *err)
{
    *grader = (struct tree_grader){.root.tree = tree};
    bool wanted = query_tree_is_wanted(tree);
    grader->dim = wanted ? clip_dim(clip) : 0;
    int rc = wanted ? clip_background(clip, &grader->background, err) : 0;
    if (!rc)
        rc = make_node(grader, store, clip, tree, &grader->root, err);
    grader->partly_unread &= !grader->is_unread;
    return rc;
}

int tree_grader_init_vectors(struct tree_grader *grader, const struct query_tree *tree, size_t dim,
                             const float *background, struct error *err)
{
    *grader = (struct tree_grader){.root.tree = tree, .dim = dim, .background = background};
    return make_node(grader, NULL, NULL, tree, &grader->root, err);
}

void tree_grader_release(struct tree_grader *grader)
{
    release_node(&grader->root);
    *grader = (struct tree_grader){.dim = 0};
}

/* ---- values ---- */

/* The photo whose value is computed. */
struct subject {
    const float *vector;
    uint64_t held;
    struct search_chance chance;
};

static double node_value(const struct tree_grader *g, const struct tree_node *node,
                         const struct subject *photo);

static double leaf_value(const struct tree_grader *g, const struct tree_node *node,
                         const struct subject *photo)
{
    double contrast =
        node->chance ? search_chance_picture(node->chance, &photo->chance)
                     : search_chance_contrast(&photo->chance, node->vector, photo->vector, g->dim);
    return contrast >= TREE_LOWEST ? contrast : TREE_LOWEST;
}

static double weigh_all(double value, double weight)
{
    return value > 0 ? value / weight : value * weight;
}

double tree_weigh_any(double value, double weight)
{
    return value > 0 ? value * weight : value / weight;
}

void tree_sum_add(struct tree_sum *sum, const struct query_tree *part, double value)
{
    if (part->kind != QUERY_NOT) {
        sum->base = fmin(sum->base, weigh_all(value, part->weight));
        return;
    }
    sum->mirrored = fmin(sum->mirrored, weigh_all(TREE_MIRROR - value, part->weight));
    sum->against += EXCLUSION * part->weight * fmax(0, value);
}

double tree_sum_value(const struct tree_sum *sum)
{
    if (sum->base == TREE_NO || sum->mirrored == TREE_NO)
        return TREE_NO;
    return sum->base == TREE_SURE ? sum->mirrored : sum->base - sum->against;
}

static double any_value(const struct tree_grader *g, const struct tree_node *node,
                        const struct subject *photo)
{
    double best = TREE_NO;
    for (size_t i = 0; i < node->tree->count; i++) {
        double value = node_value(g, &node->parts[i], photo);
        best = fmax(best, tree_weigh_any(value, node->parts[i].tree->weight));
    }
    return best;
}

static double all_value(const struct tree_grader *g, const struct tree_node *node,
                        const struct subject *photo)
{
    struct tree_sum sum = TREE_SUM_INIT;
    for (size_t i = 0; i < node->tree->count; i++) {
        const struct tree_node *part = &node->parts[i];
        bool without = part->tree->kind == QUERY_NOT;
        tree_sum_add(&sum, part->tree, node_value(g, without ? part->parts : part, photo));
    }
    return tree_sum_value(&sum);
}

static double node_value(const struct tree_grader *g, const struct tree_node *node,
                         const struct subject *photo)
{
    switch (node->tree->kind) {
    case QUERY_CRITERIA:
        return photo->held >> node->condition & 1 ? TREE_SURE : TREE_NO;
    case QUERY_WANTED:
        return leaf_value(g, node, photo);
    case QUERY_NOT:
        return TREE_MIRROR - node_value(g, node->parts, photo);
    case QUERY_SELECT:
        BUG("a SELECT was not resolved");
    case QUERY_ANY:
        return any_value(g, node, photo);
    default:
        return all_value(g, node, photo);
    }
}

double tree_grade(const struct tree_grader *grader, uint64_t held, const float *photo)
{
    struct subject subject = {.vector = photo, .held = held};
    search_chance_init(&subject.chance, photo, grader->background, CLIP_BACKGROUND_TEXTS,
                       grader->dim);
    return node_value(grader, &grader->root, &subject);
}
