/* SPDX-License-Identifier: MIT */
/* Query trees of wanted pictures, with mini: sums against PyTorch's vectors, graded parts against
 * the definition of a grade, computed here. */
#include "clip/background.h"
#include "search_fixture.h"

static struct wanted *text_of(const struct reference *r, size_t i, float *ret_vector)
{
    struct wanted *leaf;
    const json_t *entry = json_array_get(json_object_get(r->root, "texts"), i);
    if (!read_vector(entry, ret_vector) ||
        wanted_text(json_string_value(json_object_get(entry, "text")), &leaf, &err))
        BUG("%s", err.message);
    return leaf;
}

static struct query_tree *tree_of(struct wanted *wanted)
{
    struct query_tree *tree;
    if (query_tree_wanted(wanted, &tree, &err))
        BUG("%s", err.message);
    return tree;
}

/* A group of three texts of these weights, and their vectors; a negative weight makes a NOT. */
static struct query_tree *three_texts(const struct reference *r, enum query_tree_kind kind,
                                      const double *weights, float vectors[3][DIM])
{
    struct query_tree *group = kind == QUERY_ALL ? query_tree_all() : query_tree_any();
    for (size_t i = 0; i < 3; i++) {
        struct query_tree *part = tree_of(text_of(r, i, vectors[i]));
        if ((weights[i] < 0 && query_tree_negate(part, &part, &err)) ||
            query_tree_add(group, part, fabs(weights[i]), &err))
            BUG("%s", err.message);
    }
    return group;
}

static double contrast_of(const float *text, const float *photo, const float *background)
{
    double own = 0, sum = 0, squares = 0;
    for (size_t j = 0; j < DIM; j++)
        own += (double)text[j] * photo[j];
    for (size_t i = 0; i < CLIP_BACKGROUND_TEXTS; i++) {
        double cosine = 0;
        for (size_t j = 0; j < DIM; j++)
            cosine += (double)background[i * DIM + j] * photo[j];
        sum += cosine / CLIP_BACKGROUND_TEXTS;
        squares += cosine * cosine / CLIP_BACKGROUND_TEXTS;
    }
    return (own - sum) / sqrt(squares - sum * sum);
}

/* The grade of a photo as query/query_tree.h defines it. */
static double grade_of(enum query_tree_kind kind, const double *weights, float vectors[3][DIM],
                       const float *photo, const float *background)
{
    double grade = kind == QUERY_ALL ? INFINITY : -INFINITY, against = 0;
    for (size_t i = 0; i < 3; i++) {
        double part = contrast_of(vectors[i], photo, background), w = fabs(weights[i]);
        if (kind == QUERY_ALL && weights[i] < 0)
            against += w / 2 * fmax(0, part);
        else if (kind == QUERY_ALL)
            grade = fmin(grade, part > 0 ? part / w : part * w);
        else
            grade = fmax(grade, part > 0 ? part * w : part / w);
    }
    return grade - against;
}

/* A difference of 1e-4 in a cosine (TEXT_TOLERANCE) is one of about 0.003 in its contrast. */
#define GRADE_TOLERANCE 0.02

static void test_graded(const struct reference *r, struct store *store, struct clip *clip,
                        enum query_tree_kind kind, const double *weights, const char *name)
{
    float vectors[3][DIM];
    const float *background;
    struct search_results results;
    AUTO(query_tree) *group = three_texts(r, kind, weights, vectors);
    struct search_request request = {.tree = group, .k = LIMIT_RESULTS};
    if (clip_background(clip, &background, &err) ||
        search_run(store, clip, "mini", &request, &results, &err)) {
        ok(false, "%s: %s", name, err.message);
        return;
    }
    double previous = INFINITY;
    size_t good = 0;
    for (size_t i = 0; i < results.count; i++)
        for (size_t j = 0; j < r->images; j++) {
            const struct search_result *item = &results.items[i];
            if (strcmp(r->paths[j], item->photo.path) != 0)
                continue;
            double want = grade_of(kind, weights, vectors, r->vectors[j], background);
            good += fabs(item->score - want) <= GRADE_TOLERANCE && item->score <= previous;
            previous = item->score;
        }
    ok(good == r->images && results.count == r->images, "%s: %zu of %zu photos as they should be",
       name, good, results.count);
    search_results_release(&results);
}

static void test_sum(const struct reference *r, struct store *store, struct clip *clip)
{
    static const double weights[] = {1, 0.5, -0.3};
    float vectors[3][DIM], query[DIM];
    double sum[DIM] = {0}, squares = 0;
    struct search_results results;
    struct wanted *sum_of = wanted_sum();
    for (size_t i = 0; i < 3; i++)
        if (wanted_add(sum_of, text_of(r, i, vectors[i]), weights[i], &err))
            BUG("%s", err.message);
    AUTO(query_tree) *tree = tree_of(sum_of);
    for (size_t j = 0; j < DIM; j++) {
        for (size_t i = 0; i < 3; i++)
            sum[j] += weights[i] * vectors[i][j];
        squares += sum[j] * sum[j];
    }
    for (size_t j = 0; j < DIM; j++)
        query[j] = (float)(sum[j] / sqrt(squares));
    struct search_request request = {.tree = tree, .k = LIMIT_RESULTS};
    int rc = search_run(store, clip, "mini", &request, &results, &err);
    ok(rc == 0 && ranks_like(r, &results, query, 3 * TEXT_TOLERANCE), "a sum of texts");
    if (!rc)
        search_results_release(&results);
}

static void test_wanted_refusals(const struct reference *r, struct store *store, struct clip *clip)
{
    float vector[DIM];
    struct search_results results;
    AUTO(wanted) *sum = wanted_sum();
    struct query_tree *tree = NULL;
    is_int(wanted_add(sum, text_of(r, 0, vector), 0, &err), ERR_INVALID, "a weight of 0");
    is_int(wanted_add(sum, text_of(r, 0, vector), NAN, &err), ERR_INVALID, "a weight that is none");
    is_int(query_tree_wanted(wanted_sum(), &tree, &err), ERR_INVALID, "a sum without a part");
    AUTO(query_tree) *all = query_tree_all();
    is_int(query_tree_add(all, tree_of(text_of(r, 0, vector)), -1, &err), ERR_INVALID,
           "a negative weight in a group");
    if (wanted_add(sum, text_of(r, 0, vector), 1, &err) ||
        wanted_add(sum, text_of(r, 0, vector), -1, &err))
        BUG("%s", err.message);
    AUTO(query_tree) *nothing = tree_of(wanted_copy(sum));
    struct search_request request = {.tree = nothing, .k = 5};
    int rc = search_run(store, clip, "mini", &request, &results, &err);
    ok(rc == ERR_INVALID && says("cancel each other out"), "a sum of nothing");
    request.text = "a dog";
    is_int(search_run(store, clip, "mini", &request, &results, &err), ERR_INVALID, "a text beside");
    struct query_tree *deep = tree_of(text_of(r, 0, vector));
    int depth = 1;
    for (rc = 0; !rc; depth++)
        rc = query_tree_negate(deep, &deep, &err);
    ok(rc == ERR_LIMIT && depth == LIMIT_QUERY_DEPTH + 1, "nested too deep: %d", depth);
}

static void test_example(const struct reference *r, struct store *store, struct clip *clip)
{
    struct search_results results;
    AUTO(query_tree) *photo = tree_of(wanted_photo(2));
    struct search_request request = {.tree = photo, .k = LIMIT_RESULTS};
    int rc = search_run(store, clip, "mini", &request, &results, &err);
    bool among = false;
    for (size_t i = 0; !rc && i < results.count; i++)
        among |= results.items[i].photo.id == 2;
    ok(rc == 0 && !among && results.count == r->images - 1,
       "a photo that is an example is left out");
    if (!rc)
        search_results_release(&results);
}

int main(void)
{
    if (!shared_exists("mini/towers.json")) {
        skip("no reference vectors here (KEEPSAKE_SHARED)");
        return done_testing();
    }
    fixture_start();
    AUTO(clip) *clip = NULL;
    struct clip_options options = {.precision = CLIP_PRECISION_F32};
    static struct reference r;
    AUTO_FREE char *gallery = fixture_gallery();
    if (is_int(clip_open("models/mini", &options, &clip, &err), 0, "the model mini is opened") &&
        read_reference(&r)) {
        AUTO(store) *store = fill(&r, clip, gallery);
        test_sum(&r, store, clip);
        test_graded(&r, store, clip, QUERY_ALL, (const double[]){1, 1, 1}, "all of three texts");
        test_graded(&r, store, clip, QUERY_ALL, (const double[]){1, 2, -1},
                    "two texts, and not a third");
        test_graded(&r, store, clip, QUERY_ANY, (const double[]){1, 2, 0.5}, "any of three texts");
        test_example(&r, store, clip);
        test_wanted_refusals(&r, store, clip);
    }
    json_decref(r.root);
    fixture_cleanup();
    return done_testing();
}
