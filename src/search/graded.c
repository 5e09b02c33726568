/* SPDX-License-Identifier: MIT */
/* Searches for a tree of wanted pictures.
 *
 * A leaf or a sum is one vector, and the store finds its nearest photos. Separately graded parts
 * are combined photo by photo: the candidates are the nearest photos of each part and of the sum of
 * all wanted parts; their vectors are read, and the tree is graded for each. That is exact in a
 * gallery with no more photos than candidates per part. In a larger gallery, a photo is missed if
 * it is neither among the nearest of a part nor of the sum. */
#include "search/graded.h"

#include <math.h>
#include <string.h>

#include "base/limits.h"
#include "clip/background.h"
#include "search/query.h"
#include "search/strength.h"

#define LEAST_CANDIDATES 1000 /* per part */
#define CANDIDATES_PER_RESULT 4
#define SMALLEST_SUM 1e-3 /* minimum length; the direction of a shorter sum is meaningless */
/* An unwanted part reduces a photo's grade only as far as its contrast exceeds this; 98 % of the
 * pairs of a photo and an unrelated text are below it (search/strength.h). */
#define CHANCE 2.0

/* ---- vectors ---- */

static void add_scaled(const float *vector, double weight, size_t dim, double *sum)
{
    for (size_t i = 0; i < dim; i++)
        sum[i] += weight * vector[i];
}

static bool normalize_sum(const double *sum, size_t dim, float *ret_vector)
{
    double squares = 0;
    for (size_t i = 0; i < dim; i++)
        squares += sum[i] * sum[i];
    double length = sqrt(squares);
    for (size_t i = 0; length >= SMALLEST_SUM && i < dim; i++)
        ret_vector[i] = (float)(sum[i] / length);
    return length >= SMALLEST_SUM;
}

static int refuse_sum(struct error *err)
{
    return error_set(err, ERR_INVALID,
                     "the parts of the query cancel each other out: nothing is left to search for");
}

static int given_vector(const struct wanted *wanted, size_t dim, float *ret_vector,
                        struct error *err)
{
    if (wanted->size != dim)
        return error_set(err, ERR_INVALID,
                         "a vector of %zu numbers was given, and the model's have %zu",
                         wanted->size, dim);
    double largest = 0;
    for (size_t i = 0; i < dim; i++)
        largest = fmax(largest, fabs((double)wanted->vector[i]));
    AUTO_FREE double *sum = xcalloc(dim, sizeof *sum);
    add_scaled(wanted->vector, 1 / largest, dim, sum);
    return normalize_sum(sum, dim, ret_vector) ? 0 : refuse_sum(err);
}

static int sum_vector(struct store *store, struct clip *clip, const struct wanted *wanted,
                      float *ret_vector, bool *ret_truncated, struct error *err)
{
    size_t dim = clip_dim(clip);
    AUTO_FREE double *sum = xcalloc(dim, sizeof *sum);
    AUTO_FREE float *part = xmalloc(dim * sizeof *part);
    for (size_t i = 0; i < wanted->count; i++) {
        int rc = graded_vector(store, clip, wanted->parts[i], part, ret_truncated, err);
        if (rc)
            return rc;
        add_scaled(part, wanted->parts[i]->weight, dim, sum);
    }
    return normalize_sum(sum, dim, ret_vector) ? 0 : refuse_sum(err);
}

int graded_vector(struct store *store, struct clip *clip, const struct wanted *wanted,
                  float *ret_vector, bool *ret_truncated, struct error *err)
{
    struct search_request request = {.k = 1};
    bool truncated = false;
    if (wanted->kind == WANTED_SUM)
        return sum_vector(store, clip, wanted, ret_vector, ret_truncated, err);
    if (wanted->kind == WANTED_VECTOR)
        return given_vector(wanted, clip_dim(clip), ret_vector, err);
    if (wanted->kind == WANTED_TEXT)
        request.text = wanted->text;
    else if (wanted->kind == WANTED_FILE)
        request.like = wanted->text;
    else if (wanted->kind == WANTED_PHOTO)
        request.like_photo = wanted->photo;
    request.like_data = wanted->data;
    request.like_size = wanted->size;
    int rc = query_embed(store, clip, &request, ret_vector, &truncated, err);
    if (!rc && ret_truncated)
        *ret_truncated |= truncated;
    return rc;
}

/* ---- the tree, with its vectors ---- */

struct node {
    const struct wanted *wanted;
    float *vector; /* [dim]; NULL: a graded group */
    bool is_text;  /* false: the vector is of pictures only */
    struct node *parts;
};

struct grading {
    struct store *store;
    struct clip *clip;
    size_t dim;
    const float *background;
    struct node root;
    int64_t *ids; /* candidates */
    size_t count, cap;
    double *sum; /* [dim]: the sum of all wanted vectors */
    bool truncated;
};

static bool has_text(const struct wanted *wanted)
{
    bool any = wanted->kind == WANTED_TEXT;
    for (size_t i = 0; !any && i < wanted->count; i++)
        any = has_text(wanted->parts[i]);
    return any;
}

static void release_node(struct node *node)
{
    for (size_t i = 0; node->parts && i < node->wanted->count; i++)
        release_node(&node->parts[i]);
    free(node->parts);
    free(node->vector);
}

/* The caller releases the node, even on failure. */
static int make_node(struct grading *g, const struct wanted *wanted, struct node *node,
                     struct error *err)
{
    *node = (struct node){.wanted = wanted};
    if (wanted->kind != WANTED_ALL && wanted->kind != WANTED_ANY) {
        node->vector = xmalloc(g->dim * sizeof *node->vector);
        node->is_text = has_text(wanted);
        return graded_vector(g->store, g->clip, wanted, node->vector, &g->truncated, err);
    }
    node->parts = xcalloc(wanted->count, sizeof *node->parts);
    for (size_t i = 0; i < wanted->count; i++)
        node->parts[i].wanted = wanted->parts[i];
    int rc = 0;
    for (size_t i = 0; !rc && i < wanted->count; i++)
        rc = make_node(g, wanted->parts[i], &node->parts[i], err);
    return rc;
}

static double grade_node(const struct grading *g, const struct node *node, const float *photo)
{
    if (node->vector)
        return (node->is_text ? search_contrast : search_picture_contrast)(
            node->vector, photo, g->background, CLIP_BACKGROUND_TEXTS, g->dim);
    bool all = node->wanted->kind == WANTED_ALL;
    double grade = all ? INFINITY : -INFINITY, against = 0;
    for (size_t i = 0; i < node->wanted->count; i++) {
        double weight = node->wanted->parts[i]->weight;
        double part = grade_node(g, &node->parts[i], photo);
        if (weight < 0)
            against += -weight * fmax(0, part - CHANCE);
        else if (all)
            grade = fmin(grade, part / weight);
        else
            grade = fmax(grade, part * weight);
    }
    return grade - against;
}

/* ---- candidates ---- */

static int add_nearest(struct grading *g, const struct search_request *request, const float *vector,
                       struct error *err)
{
    size_t k = request->k * CANDIDATES_PER_RESULT, count = 0;
    k = k < LEAST_CANDIDATES ? LEAST_CANDIDATES : k > LIMIT_RESULTS ? LIMIT_RESULTS : k;
    AUTO_FREE struct store_hit *hits = xmalloc(k * sizeof *hits);
    int rc = store_search(g->store, vector, k, request->filter, hits, &count, err);
    ARRAY_GROW(g->ids, g->cap, g->count + count + 1);
    for (size_t i = 0; !rc && i < count; i++)
        g->ids[g->count++] = hits[i].id;
    return rc;
}

/* Adds the nearest photos of every wanted vector; unwanted parts add no candidates. */
static int add_candidates(struct grading *g, const struct search_request *request,
                          const struct node *node, struct error *err)
{
    if (node->vector) {
        add_scaled(node->vector, 1, g->dim, g->sum);
        return add_nearest(g, request, node->vector, err);
    }
    int rc = 0;
    for (size_t i = 0; !rc && i < node->wanted->count; i++)
        if (node->wanted->parts[i]->weight > 0)
            rc = add_candidates(g, request, &node->parts[i], err);
    return rc;
}

static int compare_ids(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Returns whether the photo is an example in the query, which must not be a result. */
static bool is_example(const struct wanted *wanted, int64_t id)
{
    bool any = wanted->kind == WANTED_PHOTO && wanted->photo == id;
    for (size_t i = 0; !any && i < wanted->count; i++)
        any = is_example(wanted->parts[i], id);
    return any;
}

static int find_candidates(struct grading *g, const struct search_request *request,
                           struct error *err)
{
    AUTO_FREE float *together = xmalloc(g->dim * sizeof *together);
    size_t kept = 0;
    int rc = add_candidates(g, request, &g->root, err);
    if (!rc && normalize_sum(g->sum, g->dim, together))
        rc = add_nearest(g, request, together, err);
    if (g->count > 1)
        qsort(g->ids, g->count, sizeof *g->ids, compare_ids);
    for (size_t i = 0; i < g->count; i++)
        if ((kept == 0 || g->ids[kept - 1] != g->ids[i]) && !is_example(request->wanted, g->ids[i]))
            g->ids[kept++] = g->ids[i];
    g->count = kept;
    return rc;
}

/* ---- results ---- */

struct graded {
    int64_t id;
    double score; /* as in struct search_result */
    double grade;
};

static int compare_grade(const void *a, const void *b)
{
    const struct graded *x = a, *y = b;
    if (x->grade != y->grade)
        return x->grade > y->grade ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* Number of photos that are read together: their vectors take 8 MB at 512 numbers each. */
#define BLOCK 4096

struct block {
    struct store_photo *photos; /* path NULL: it was deleted */
    float *vectors;             /* NAN if one is not sound */
    size_t n;
};

static void release_block(struct block *b)
{
    for (size_t i = 0; i < b->n; i++)
        store_photo_release(&b->photos[i]);
    free(b->photos);
    free(b->vectors);
}

/* The caller releases the block, even on failure. */
static int read_block(const struct grading *g, const int64_t *ids, size_t n,
                      struct block *ret_block, struct error *err)
{
    *ret_block = (struct block){.photos = xcalloc(n + 1, sizeof(struct store_photo)),
                                .vectors = xmalloc((n * g->dim + 1) * sizeof(float))};
    int rc = store_get_photos(g->store, ids, n, ret_block->photos, ret_block->vectors, err);
    ret_block->n = rc ? 0 : n;
    return rc;
}

/* Grades all candidates; skips photos that were deleted since then or whose vector is damaged. */
static int grade_candidates(struct grading *g, struct graded *ret_graded, size_t *ret_count,
                            struct error *err)
{
    size_t count = 0;
    int rc = 0;
    for (size_t first = 0; !rc && first < g->count; first += BLOCK) {
        struct block b;
        size_t n = g->count - first < BLOCK ? g->count - first : BLOCK;
        rc = read_block(g, g->ids + first, n, &b, err);
        for (size_t i = 0; i < b.n; i++) {
            const float *photo = b.vectors + i * g->dim;
            if (!b.photos[i].path || isnan(photo[0]))
                continue;
            double grade = grade_node(g, &g->root, photo);
            ret_graded[count++] = (struct graded){g->ids[first + i], grade, grade};
        }
        release_block(&b);
    }
    if (count > 1)
        qsort(ret_graded, count, sizeof *ret_graded, compare_grade);
    *ret_count = count;
    return rc;
}

/* Ranks by one vector, in the store's order. The grades are computed when the photos are read. */
static int rank_vector(struct grading *g, const struct search_request *request,
                       struct graded *ret_graded, size_t *ret_count, struct error *err)
{
    size_t found = 0, count = 0, k = request->k + request->wanted->nodes; /* examples are dropped */
    AUTO_FREE struct store_hit *hits = xmalloc(k * sizeof *hits);
    int rc = store_search(g->store, g->root.vector, k, request->filter, hits, &found, err);
    for (size_t i = 0; !rc && i < found && count < request->k; i++)
        if (!is_example(request->wanted, hits[i].id))
            ret_graded[count++] =
                (struct graded){hits[i].id, fmax(-1, fmin(1, hits[i].score)), -INFINITY};
    *ret_count = count;
    return rc;
}

static int rank_candidates(struct grading *g, const struct search_request *request,
                           struct graded **ret_graded, size_t *ret_count, struct error *err)
{
    if (g->root.vector) {
        *ret_graded = xmalloc((request->k + 1) * sizeof **ret_graded);
        return rank_vector(g, request, *ret_graded, ret_count, err);
    }
    int rc = find_candidates(g, request, err);
    if (rc)
        return rc;
    *ret_graded = xmalloc((g->count + 1) * sizeof **ret_graded);
    return grade_candidates(g, *ret_graded, ret_count, err);
}

/* Moves the photos of the block into the results; skips deleted ones. */
static void fill_block(const struct grading *g, const struct graded *graded, struct block *b,
                       struct search_results *results)
{
    for (size_t i = 0; i < b->n; i++) {
        const float *vector = b->vectors + i * g->dim;
        if (!b->photos[i].path)
            continue;
        double grade = graded[i].grade;
        if (g->root.vector)
            grade = isnan(vector[0]) ? -INFINITY : grade_node(g, &g->root, vector);
        results->items[results->count++] =
            (struct search_result){.score = graded[i].score,
                                   .strength = search_contrast_strength(grade),
                                   .photo = b->photos[i]};
        b->photos[i].path = NULL;
    }
}

static int fill_results(struct grading *g, const struct search_request *request,
                        const struct graded *graded, size_t n, struct search_results *results,
                        struct error *err)
{
    int rc = 0;
    size_t end = n < request->k ? n : request->k;
    size_t first = request->skip < end ? request->skip : end;
    AUTO_FREE int64_t *ids = xmalloc((end - first + 1) * sizeof *ids);
    results->ranked = end;
    results->items = xcalloc(end - first + 1, sizeof *results->items);
    for (size_t i = first; i < end; i++)
        ids[i - first] = graded[i].id;
    for (size_t i = first; !rc && i < end; i += BLOCK) {
        struct block b;
        rc = read_block(g, ids + (i - first), end - i < BLOCK ? end - i : BLOCK, &b, err);
        fill_block(g, graded + i, &b, results);
        release_block(&b);
    }
    return rc;
}

int graded_run(struct store *store, struct clip *clip, const struct search_request *request,
               struct search_results *results, struct error *err)
{
    struct grading g = {.store = store, .clip = clip, .dim = clip_dim(clip)};
    AUTO_FREE double *sum = xcalloc(g.dim, sizeof *sum);
    struct graded *ranked = NULL;
    size_t count = 0;
    g.sum = sum;
    int rc = wanted_check(request->wanted, err);
    if (!rc)
        rc = make_node(&g, request->wanted, &g.root, err);
    if (!rc)
        rc = clip_background(clip, &g.background, err);
    if (!rc)
        rc = rank_candidates(&g, request, &ranked, &count, err);
    if (!rc)
        rc = fill_results(&g, request, ranked, count, results, err);
    results->truncated = g.truncated;
    if (g.root.wanted)
        release_node(&g.root);
    free(ranked);
    free(g.ids);
    return rc;
}
