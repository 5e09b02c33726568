/* SPDX-License-Identifier: MIT */
/* Random trees of criteria, and of criteria and wanted pictures, against naive evaluators, on any
 * kind of store; what trees refuse. */
#include "query/criteria.h"

#include "base/limits.h"
#include "places/places.h"
#include "query_naive.h"
#include "search/tree_search.h"
#include "store/labels.h"
#include "store/listing.h"

static struct error err;

enum { TREES = 1500, QUERIES = 60, LONG_TREES = 100000 };

/* ---- the photos ---- */

static void make_facts(uint64_t *state, struct photo_facts *f)
{
    static const char *const formats[] = {"jpeg", "heic", "png", ""};
    static const int sides[] = {0, 400, 800, 801, 3000, 4000};
    snprintf(f->format, sizeof f->format, "%s", formats[pick(state, 4)]);
    f->width = sides[pick(state, COUNT(sides))];
    f->height = f->width ? sides[1 + pick(state, COUNT(sides) - 1)] : 0;
    if (pick(state, 5))
        make_date(state, f->taken, sizeof f->taken, pick(state, 6) ? 3 : 2);
    struct place place;
    f->has_place = pick(state, 3) == 0;
    while (f->has_place) { /* no town is near: names of towns are those below */
        f->latitude = (double)pick(state, 1800000) / 10000 - 90;
        f->longitude = (double)pick(state, 3600000) / 10000 - 180;
        if (!places_nearest(f->latitude, f->longitude, &place))
            break;
    }
    if (!f->has_place) {
        snprintf(f->town, sizeof f->town, "%s", town_names[pick(state, COUNT(town_names))]);
        if (pick(state, 2))
            snprintf(f->region, sizeof f->region, "%s", town_names[pick(state, COUNT(town_names))]);
    }
    snprintf(f->make, sizeof f->make, "%s", makes[pick(state, COUNT(makes))]);
    if (pick(state, 9) == 0)
        snprintf(f->damage, sizeof f->damage, "a few rows are missing");
    snprintf(f->lens, sizeof f->lens, "%s", pick(state, 2) ? "50mm F1.8" : "");
}

static int note_id(void *context, const struct store_file *file)
{
    struct known *photos = context;
    for (size_t i = 0; i < N; i++)
        if (strcmp(photos[i].row.path, file->path) == 0)
            photos[i].id = file->id;
    return 0;
}

static void add_labels(struct store *store, struct known *photo, uint64_t *state)
{
    int64_t id;
    for (unsigned i = 0; i < LABELS; i++) {
        if (pick(state, 4))
            continue;
        photo->labels |= 1u << i;
        if (store_add_label(store, photo->id, labels[i], NULL, &id, &err))
            ok(false, "label: %s", err.message);
    }
}

static void fill(struct store *store, struct known *photos)
{
    uint64_t state = 5;
    AUTO_FREE struct store_change *changes = xcalloc(N, sizeof *changes);
    for (size_t i = 0; i < N; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s%zu%s", folders[pick(&state, COUNT(folders))],
                 names[pick(&state, COUNT(names))], i, pick(&state, 2) ? ".jpg" : ".HEIC");
        changes[i] = *fixture_add(&photos[i].row, path, i + 1);
        make_facts(&state, &photos[i].row.facts);
        if (i % 5 == 4) /* another photo that looks the same */
            memcpy(photos[i].row.vector, photos[i - 1].row.vector, sizeof photos[i].row.vector);
    }
    if (store_apply(store, changes, N, &err) || store_tend_index(store, &err) ||
        store_list_files(store, NULL, note_id, photos, &err))
        ok(false, "fill: %s", err.message);
    for (size_t i = 0; i < N; i++)
        if (i % 3 == 0)
            add_labels(store, &photos[i], &state);
    fill_album(store, photos, &state);
}

static struct criteria *build(const struct spec *spec)
{
    struct criteria *tree = NULL;
    const char *values[] = {spec->values[0], spec->values[1], spec->values[2]};
    int rc = 0;
    if (spec->kind == CRITERIA_LEAF)
        rc = strcmp(spec->name, "id") == 0
                 ? criteria_ids(spec->ids, spec->n, &tree, &err)
                 : criteria_leaf(spec->name, spec->compare, values, spec->n, &tree, &err);
    else if (spec->kind == CRITERIA_NOT)
        rc = criteria_negate(build(spec->parts[0]), &tree, &err);
    else
        tree = spec->kind == CRITERIA_ALL ? criteria_all() : criteria_any();
    for (size_t i = 0; !rc && spec->kind < CRITERIA_NOT && i < spec->count; i++)
        rc = criteria_add(tree, build(spec->parts[i]), &err);
    if (rc) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    return tree;
}

/* ---- tests ---- */

static int mark_photo(void *context, const struct store_photo *photo)
{
    bool *marked = context;
    if (photo->id >= 0 && photo->id <= 4 * N)
        marked[photo->id] = true;
    return 0;
}

static int add_month(void *context, const struct store_month *month)
{
    *(int64_t *)context += month->photos;
    return 0;
}

/* The list, the months and a search give just the photos for which the tree holds. */
static bool agrees(struct store *store, const struct known *photos, const struct spec *spec,
                   bool searched)
{
    static bool marked[4 * N + 1];
    static struct store_hit hits[N];
    AUTO(criteria) *tree = build(spec);
    struct store_filter filter = {.where = tree};
    int64_t months = 0, want = 0;
    float query[FIXTURE_DIM];
    size_t count = 0, wrong = 0;
    memset(marked, 0, sizeof marked);
    if (store_list_photos(store, &filter, NULL, 0, N, mark_photo, marked, &err) ||
        store_list_months(store, &filter, add_month, &months, &err)) {
        diag("%s", err.message);
        return false;
    }
    for (size_t i = 0; i < N; i++) {
        bool held = holds(&photos[i], spec);
        wrong += held != marked[photos[i].id];
        want += held;
    }
    fixture_vector(7, FIXTURE_DIM, query);
    if (searched && store_search_exact(store, query, N, &filter, hits, &count, &err)) {
        diag("%s", err.message);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        wrong += !marked[hits[i].id];
    if (wrong || months != want || (searched && (int64_t)count != want)) {
        AUTO_FREE char *key = criteria_key(tree);
        diag("%s: %lld photos, %zu wrong, %lld in months, %zu found", key, (long long)want, wrong,
             (long long)months, count);
        return false;
    }
    return true;
}

static void test_random(struct store *store, const struct known *photos)
{
    const char *seed = getenv("KEEPSAKE_TEST_SEED");
    uint64_t state = seed ? strtoull(seed, NULL, 10) : 99;
    size_t trees = getenv("KEEPSAKE_TEST_LONG") ? LONG_TREES : TREES, bad = 0;
    for (size_t i = 0; i < trees; i++) {
        struct spec *spec = make_spec(&state, photos, i % 5 ? 2 : 4);
        bad += bad < 10 && !agrees(store, photos, spec, i % 5 == 0);
        free_spec(spec);
    }
    ok(bad == 0, "%zu random trees: list, months and search equal the naive evaluator", trees);
}

static struct criteria *leaf_of(const char *name, enum criteria_compare compare, const char *value)
{
    struct criteria *leaf;
    if (criteria_leaf(name, compare, &value, 1, &leaf, &err))
        BUG("%s", err.message);
    return leaf;
}

/* ---- queries ---- */

static struct query_tree *build_query(const struct query_spec *spec)
{
    struct query_tree *tree = NULL;
    struct wanted *wanted;
    int rc = 0;
    if (spec->kind == QUERY_CRITERIA) {
        tree = query_tree_criteria(build(spec->criteria));
    } else if (spec->kind == QUERY_WANTED) {
        rc = wanted_vector(spec->vector, FIXTURE_DIM, &wanted, &err);
        rc = rc ? rc : query_tree_wanted(wanted, &tree, &err);
    } else if (spec->kind == QUERY_NOT) {
        rc = query_tree_negate(build_query(spec->parts[0]), &tree, &err);
    } else {
        tree = spec->kind == QUERY_ALL ? query_tree_all() : query_tree_any();
        for (size_t i = 0; !rc && i < spec->count; i++)
            rc = query_tree_add(tree, build_query(spec->parts[i]), spec->parts[i]->weight, &err);
    }
    if (rc)
        BUG("%s", err.message);
    return tree;
}

/* The place of a photo as the definition gives it. */
struct expected {
    const struct known *photo;
    double value;
};

static int compare_newest(const struct known *x, const struct known *y)
{
    const char *a = x->row.facts.taken, *b = y->row.facts.taken;
    if (!a[0] != !b[0])
        return a[0] ? -1 : 1;
    int order = strcmp(b, a);
    return order ? order : (x->id < y->id) - (x->id > y->id);
}

/* Grades that differ by no more than this may be in either order: cosines are summed in float. */
#define GRADE_TOLERANCE 1e-3

static bool is_in_order(const struct expected *before, const struct expected *after,
                        enum query_sort sort)
{
    const struct known *x = before->photo, *y = after->photo;
    if (sort == QUERY_SORT_RANDOM)
        return true;
    if (sort == QUERY_SORT_OLDEST && !x->row.facts.taken[0] == !y->row.facts.taken[0])
        return compare_newest(x, y) > 0;
    if (sort >= QUERY_SORT_NEWEST || (before->value == INFINITY && after->value == INFINITY))
        return compare_newest(x, y) < 0;
    if (before->value == INFINITY || after->value == INFINITY)
        return before->value == INFINITY;
    if (memcmp(x->row.vector, y->row.vector, sizeof x->row.vector) == 0 &&
        before->value == after->value)
        return strcmp(x->row.path, y->row.path) < 0;
    return before->value >= after->value - GRADE_TOLERANCE;
}

/* Compares one result with the definition; NULL: no such photo. */
static const struct expected *check_result(const struct search_result *result,
                                           struct expected *expected)
{
    for (size_t i = 0; i < N; i++) {
        if (expected[i].photo->id != result->photo.id)
            continue;
        bool sure = expected[i].value == INFINITY;
        bool same = sure ? result->sure && isnan(result->score)
                         : fabs(result->score - expected[i].value) <= GRADE_TOLERANCE;
        return same ? &expected[i] : NULL;
    }
    return NULL;
}

/* Returns whether the results are the selected photos from `skip` on, in order. */
static bool is_expected(const struct search_results *results, struct expected *expected,
                        size_t skip, enum query_sort sort)
{
    size_t least = 0, most = 0; /* selected photos; a grade at the limit counts or not */
    double limit = sort >= QUERY_SORT_NEWEST ? 2 : -INFINITY;
    for (size_t i = 0; i < N; i++) {
        least += expected[i].value != -INFINITY && expected[i].value >= limit + GRADE_TOLERANCE;
        most += expected[i].value != -INFINITY && expected[i].value >= limit - GRADE_TOLERANCE;
    }
    size_t shown = results->ranked < skip ? 0 : results->ranked - skip;
    if (results->ranked < least || results->ranked > most || results->count != shown)
        return false;
    const struct expected *previous = NULL;
    for (size_t i = 0; i < results->count; i++) {
        const struct expected *e = check_result(&results->items[i], expected);
        if (!e || (previous && !is_in_order(previous, e, sort)))
            return false;
        previous = e;
    }
    return true;
}

static bool query_agrees(struct store *store, const struct known *photos,
                         const struct query_spec *spec, const float *background, size_t skip,
                         enum query_sort sort)
{
    static struct expected expected[N];
    struct search_results results = {.items = NULL};
    AUTO(query_tree) *tree = build_query(spec);
    struct search_request request = {.tree = tree, .k = N, .skip = skip, .sort = sort, .seed = 7};
    struct tree_grader grader;
    int rc = tree_grader_init_vectors(&grader, tree, FIXTURE_DIM, background, &err);
    rc = rc ? rc : tree_search_graded(store, &grader, &request, &results, &err);
    bool wanted = query_tree_is_wanted(tree);
    enum query_sort used = sort || wanted ? sort : QUERY_SORT_NEWEST;
    for (size_t i = 0; i < N; i++)
        expected[i] = (struct expected){&photos[i], naive_value(spec, &photos[i], background)};
    bool good = !rc && is_expected(&results, expected, skip, used);
    if (!good) {
        AUTO_FREE char *text = NULL;
        if (query_tree_print(tree, NULL, NULL, &text, &err))
            BUG("%s", err.message);
        diag("sort %d, skip %zu: %s%zu results of\n%s", (int)sort, skip, rc ? err.message : "",
             results.ranked, text);
    }
    tree_grader_release(&grader);
    search_results_release(&results);
    return good;
}

/* Returns whether the first k results are those of the whole list, to the bit, although only photos
 * that can be among them were graded. */
static bool best_agree(struct store *store, const struct query_spec *spec, const float *background,
                       size_t k)
{
    struct search_results all = {.items = NULL}, best = {.items = NULL};
    AUTO(query_tree) *tree = build_query(spec);
    struct search_request request = {.tree = tree, .k = N};
    struct tree_grader grader;
    int rc = tree_grader_init_vectors(&grader, tree, FIXTURE_DIM, background, &err);
    rc = rc ? rc : tree_search_graded(store, &grader, &request, &all, &err);
    request.k = k;
    rc = rc ? rc : tree_search_graded(store, &grader, &request, &best, &err);
    bool same = !rc && best.count == (all.count < k ? all.count : k) && best.ranked == best.count;
    for (size_t i = 0; same && i < best.count; i++)
        same = best.items[i].photo.id == all.items[i].photo.id &&
               best.items[i].sure == all.items[i].sure &&
               (best.items[i].sure || best.items[i].score == all.items[i].score);
    if (!same)
        diag("the best %zu: %s%zu of %zu", k, rc ? err.message : "", best.count, all.count);
    tree_grader_release(&grader);
    search_results_release(&all);
    search_results_release(&best);
    return same;
}

/* Pages of a random order together are all photos, each once; another seed gives another order. */
static void test_shuffled(struct store *store)
{
    AUTO(query_tree) *every = query_tree_all();
    struct tree_grader grader = {.dim = 0};
    size_t seen = 0, same = 0;
    AUTO_FREE bool *marked = xcalloc(4 * N + 1, sizeof *marked);
    int64_t other[N] = {0};
    for (size_t skip = 0; skip < N; skip += N / 4)
        for (uint64_t seed = 1; seed <= 2; seed++) {
            struct search_results results = {.items = NULL};
            struct search_request request = {.tree = every,
                                             .k = skip + N / 4,
                                             .skip = skip,
                                             .sort = QUERY_SORT_RANDOM,
                                             .seed = seed};
            if (tree_search_graded(store, &grader, &request, &results, &err))
                BUG("%s", err.message);
            for (size_t i = 0; seed == 1 && i < results.count; i++) {
                other[skip + i] = results.items[i].photo.id;
                seen += !marked[other[skip + i]];
                marked[other[skip + i]] = true;
            }
            for (size_t i = 0; seed == 2 && i < results.count; i++)
                same += results.items[i].photo.id == other[skip + i];
            search_results_release(&results);
        }
    ok(seen == N && same < N / 10, "a random order by pages: %zu photos, %zu in the same place",
       seen, same);
}

/* ---- what a tree says, and what it refuses ---- */

static void test_tree_words(void)
{
    struct query_tree *cat, *dog, *no;
    AUTO(query_tree) *either = query_tree_any();
    struct query_tree *both = query_tree_all();
    int rc = query_tree_text("cat", &cat, &err);
    rc = rc ? rc : query_tree_text("a \"dog\"", &dog, &err);
    rc = rc ? rc : query_tree_add(both, cat, 2, &err);
    rc = rc ? rc
            : query_tree_add(both, query_tree_criteria(leaf_of("folder", CRITERIA_IS, "/a")), 1,
                             &err);
    rc = rc ? rc
            : query_tree_negate(query_tree_criteria(leaf_of("hour", CRITERIA_AT_LEAST, "22")), &no,
                                &err);
    rc = rc ? rc : query_tree_add(both, no, 1, &err);
    rc = rc ? rc : query_tree_add(either, both, 1, &err);
    rc = rc ? rc : query_tree_negate(dog, &no, &err);
    rc = rc ? rc : query_tree_add(either, no, 1, &err);
    AUTO_FREE char *text = NULL;
    rc = rc ? rc : query_tree_print(either, NULL, NULL, &text, &err);
    is_str(rc ? err.message : text,
           "one of these, the stronger decides:\n"
           "  all of these, the weaker decides:\n"
           "    shows \"cat\", weight 2\n"
           "    criteria: folder is /a and not hour from 22\n"
           "  not this:\n"
           "    shows \"a \"dog\"\"\n",
           "a tree in words");
}

static void test_tree_limits(void)
{
    AUTO(query_tree) *wide = query_tree_any();
    struct query_tree *leaf;
    size_t n = 0;
    int rc = 0;
    for (; !rc; n++) {
        rc = query_tree_text("x", &leaf, &err);
        rc = rc ? rc : query_tree_add(wide, leaf, 1, &err);
    }
    ok(rc == ERR_LIMIT && n == LIMIT_WANTED_NODES + 1, "wanted parts end at the limit: %s",
       err.message);
    AUTO(query_tree) *groups = query_tree_any();
    for (n = 0, rc = 0; !rc; n++) { /* each is an ALL of criteria and a NOT of an ANY */
        struct query_tree *all = query_tree_all();
        rc = query_tree_add(all, query_tree_criteria(leaf_of("make", CRITERIA_IS, "x")), 1, &err);
        rc = rc ? rc : query_tree_text("x", &leaf, &err);
        rc = rc ? rc : query_tree_negate(leaf, &leaf, &err);
        rc = rc ? rc : query_tree_add(all, leaf, 1, &err);
        rc = rc ? rc : query_tree_add(groups, all, 2, &err);
    }
    ok(rc == ERR_LIMIT && n > 20, "so do groups: %s", err.message);
}

static void test_queries(struct store *store, const struct known *photos)
{
    uint64_t state = 4242;
    AUTO_FREE float *background = xmalloc(CLIP_BACKGROUND_TEXTS * FIXTURE_DIM * sizeof *background);
    size_t queries = getenv("KEEPSAKE_TEST_LONG") ? LONG_TREES : QUERIES, bad = 0, bad_best = 0;
    for (size_t i = 0; i < CLIP_BACKGROUND_TEXTS; i++)
        fixture_vector(5000 + i, FIXTURE_DIM, background + i * FIXTURE_DIM);
    for (size_t i = 0; i < queries; i++) {
        struct query_spec *spec = make_query_spec(&state, photos, i % 3 ? 2 : 3);
        bad += bad < 3 &&
               !query_agrees(store, photos, spec, background, i % 4 == 3 ? pick(&state, N) : 0,
                             (enum query_sort)(i % 9 < QUERY_SORT_MATCH ? 0 : i % 9 % 5));
        bad_best += bad_best < 3 && !best_agree(store, spec, background, 1 + i % 5);
        free_query_spec(spec);
    }
    ok(bad == 0, "%zu random queries equal the naive evaluator", queries);
    ok(bad_best == 0, "... and their best photos are found by bounds");
}

static void test_refusals(void)
{
    static const struct {
        const char *name;
        enum criteria_compare compare;
        const char *values[4];
        size_t n;
        const char *part;
    } cases[] = {
        {"colour", CRITERIA_IS, {"red"}, 1, "there is no criterion 'colour'"},
        {"folder", CRITERIA_BELOW, {"/p"}, 1, "folder cannot be compared by <"},
        {"make", CRITERIA_ABOVE, {"x"}, 1, "make cannot be compared by >"},
        {"make", CRITERIA_IS, {""}, 1, "make: a value is missing"},
        {"make", CRITERIA_IS, {NULL}, 0, "make: a value is missing"},
        {"damaged", CRITERIA_IS, {"yes"}, 1, "damaged takes no value"},
        {"weekday", CRITERIA_IS, {"8"}, 1, "not a whole number from 1 to 7"},
        {"make", CRITERIA_IS, {"\xff"}, 1, "not valid UTF-8"},
        {"width", CRITERIA_IS, {"wide"}, 1, "width: 'wide' is not a number"},
        {"width", CRITERIA_IS, {"0x10"}, 1, "is not a number"},
        {"width", CRITERIA_IS, {"nan"}, 1, "is not a number"},
        {"width", CRITERIA_IS, {"1e999"}, 1, "is not a number"},
        {"width", CRITERIA_WITHIN, {"5", "2"}, 2, "5 is more than 2 (exchange them)"},
        {"width", CRITERIA_WITHIN, {"5"}, 1, "a range takes two values"},
        {"width", CRITERIA_BELOW, {"5", "6"}, 2, "width: < takes one value"},
        {"month", CRITERIA_IS, {"13"}, 1, "not a whole number from 1 to 12"},
        {"hour", CRITERIA_IS, {"4.5"}, 1, "not a whole number from 0 to 23"},
        {"date", CRITERIA_IS, {"yesterday"}, 1, "yesterday is not a date"},
        {"date", CRITERIA_WITHIN, {"2020", "2019"}, 2, "2020 comes after 2019"},
        {"is", CRITERIA_IS, {"fun"}, 1, "portrait, landscape, square, panorama"},
        {"size", CRITERIA_ABOVE, {"10XB"}, 1, "is not a size: write it in bytes"},
        {"id", CRITERIA_IS, {"seven"}, 1, "is not the number of a photo"},
        {"id", CRITERIA_IS, {""}, 1, "is not the number of a photo"},
        {"near", CRITERIA_IS, {"1", "2"}, 2, "a latitude, a longitude"},
        {"near", CRITERIA_IS, {"91", "2", "3"}, 3, "there is no place 91,2"},
        {"near", CRITERIA_IS, {"1", "2", "-3"}, 3, "the distance -3 km is negative"},
        {"label", CRITERIA_IS, {" "}, 1, "name is empty"},
        {"folder", CRITERIA_IS, {"p"}, 1, "not an absolute path"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct criteria *leaf = NULL;
        int rc = criteria_leaf(cases[i].name, cases[i].compare, cases[i].values, cases[i].n, &leaf,
                               &err);
        ok(rc == ERR_INVALID && strstr(err.message, cases[i].part), "refused: %s",
           rc ? err.message : "it was not");
    }
}

static void test_limits(void)
{
    AUTO_FREE char *pattern = xcalloc(LIMIT_PATTERN_BYTES + 2, 1);
    memset(pattern, 'x', LIMIT_PATTERN_BYTES + 1);
    const char *values[LIMIT_CRITERIA_VALUES + 1];
    for (size_t i = 0; i <= LIMIT_CRITERIA_VALUES; i++)
        values[i] = i ? "x" : pattern;
    struct criteria *tree = NULL;
    is_int(criteria_leaf("name", CRITERIA_IS, values, 1, &tree, &err), ERR_LIMIT,
           "a pattern longer than any name");
    is_int(criteria_leaf("make", CRITERIA_IS, values, LIMIT_CRITERIA_VALUES + 1, &tree, &err),
           ERR_LIMIT, "more values than the limit");
    int rc = criteria_leaf("make", CRITERIA_IS, values, LIMIT_CRITERIA_VALUES, &tree, &err);
    is_int(rc, 0, "as many as the limit");
    AUTO(criteria) *all = criteria_all();
    is_int(rc ? rc : criteria_add(all, tree, &err), 0, "... in a group");
    is_int(criteria_add(all, leaf_of("make", CRITERIA_IS, "x"), &err), ERR_LIMIT,
           "... and one more beside them");
    tree = criteria_any();
    int depth = 1;
    while (!criteria_negate(tree, &tree, &err))
        depth++;
    ok(depth == LIMIT_CRITERIA_DEPTH && strstr(err.message, "nested more than"),
       "NOT of NOT ends at the limit of %d", LIMIT_CRITERIA_DEPTH);
    AUTO(criteria) *wide = criteria_any();
    size_t n = 1;
    while (!criteria_add(wide, criteria_all(), &err))
        n++;
    ok(n == LIMIT_CRITERIA_NODES && strstr(err.message, "criteria in one query"),
       "groups end at the limit of %d", LIMIT_CRITERIA_NODES);
}

/* The largest trees of each kind that the limits allow are answered. */
static void test_largest(struct store *store)
{
    int64_t months = 0;
    AUTO(criteria) *wide = criteria_any();
    AUTO(criteria) *deep = leaf_of("folder", CRITERIA_IS, "/p");
    while (deep->depth < LIMIT_CRITERIA_DEPTH) {
        struct criteria *group = deep->depth % 2 ? criteria_all() : criteria_any();
        if (criteria_add(group, deep, &err))
            BUG("%s", err.message);
        deep = group;
    }
    while (wide->total_values < LIMIT_CRITERIA_VALUES) {
        char folder[32];
        snprintf(folder, sizeof folder, "/p/%zu", wide->total_values);
        if (criteria_add(wide, leaf_of("folder", CRITERIA_IS, folder), &err))
            BUG("%s", err.message);
    }
    is_int(
        store_list_months(store, &(struct store_filter){.where = wide}, add_month, &months, &err),
        0, "as many folders as a tree may have values");
    is_int(
        store_list_months(store, &(struct store_filter){.where = deep}, add_month, &months, &err),
        0, "as many levels as a tree may have");
    AUTO_FREE int64_t *ids = xcalloc(200000, sizeof *ids);
    for (int64_t i = 0; i < 200000; i++)
        ids[i] = 3 * i - 1000;
    struct criteria *many = NULL;
    is_int(criteria_ids(ids, 200000, &many, &err), 0, "200,000 ids");
    struct store_filter filter = {.where = many};
    months = 0;
    is_int(store_list_months(store, &filter, add_month, &months, &err), 0, "... are asked for");
    ok(months > 0 && months < N, "... and give the photos among them");
    criteria_free(many);
}

static void test_forms(void)
{
    AUTO(criteria) *any = criteria_any();
    AUTO(criteria) *all = criteria_all();
    if (criteria_add(any, leaf_of("date", CRITERIA_IS, "2019-07"), &err) ||
        criteria_add(any, leaf_of("date", CRITERIA_ABOVE, "2020"), &err) ||
        criteria_add(all, leaf_of("label", CRITERIA_IS, "Mia"), &err) ||
        criteria_add(all, criteria_copy(any), &err))
        BUG("%s", err.message);
    struct criteria_dates dates = criteria_dates(all);
    ok(dates.dated, "an AND with a part that has dates has dates");
    is_str(dates.from, "2019-07", "... from the earlier of two that an OR allows");
    is_str(dates.until, "~", "... to the later");
    ok(criteria_requires(all, "label") && criteria_requires(any, "date") &&
           !criteria_requires(any, "label") && !criteria_requires(NULL, "label"),
       "what a tree requires");
    if (criteria_add(any, leaf_of("is", CRITERIA_IS, "square"), &err))
        BUG("%s", err.message);
    ok(!criteria_dates(any).dated && !criteria_requires(any, "date"),
       "an OR with a part that has none has none");
}

int main(void)
{
    fixture_start();
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    AUTO_FREE struct known *photos = xcalloc(N, sizeof *photos);
    test_refusals();
    test_limits();
    test_tree_words();
    test_tree_limits();
    test_forms();
    fill(store, photos);
    test_random(store, photos);
    test_queries(store, photos);
    test_shuffled(store);
    test_largest(store);
    fixture_cleanup();
    return done_testing();
}
