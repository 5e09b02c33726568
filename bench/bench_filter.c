/* SPDX-License-Identifier: MIT */
/* What criteria add to a search: without any, with the four that options give, and with trees of
 * five, and what a query of several parts costs, on a gallery in a file. The first search with a
 * tree finds its sets of ids, later ones have them.
 *
 *     build/release/bench/bench_filter [PHOTOS [DIM [FOLDER]]]
 *
 * Medians; the kinds take turns, so that other programs on the machine disturb all of them alike.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "bench_random.h"
#include "clip/background.h"
#include "search/tree_search.h"
#include "store/labels.h"
#include "store/store.h"

enum { BATCH = 256, SEARCHES = 60, K = 10, KINDS = 5, NAMES = 3 };

static void must(int rc, const struct error *err)
{
    if (!rc)
        return;
    fprintf(stderr, "bench_filter: %s\n", err->message);
    exit(1);
}

static void random_vector(size_t dim, float *ret_vector)
{
    double sum = 0;
    for (size_t i = 0; i < dim; i++) {
        ret_vector[i] = (float)((double)(next_random() >> 11) / 0x1p52 - 1);
        sum += (double)ret_vector[i] * ret_vector[i];
    }
    for (size_t i = 0; i < dim; i++)
        ret_vector[i] = (float)(ret_vector[i] / sqrt(sum));
}

static void make_photo(size_t i, size_t dim, char path[96], uint8_t *hash,
                       struct photo_facts *facts, float *vector, struct store_change *ret_change)
{
    int year = 2010 + (int)(next_random() % 10), month = 1 + (int)(next_random() % 12);
    snprintf(path, 96, "/home/someone/Pictures/%d/%02d/IMG_%07zu.jpg", year, month, i);
    *facts = (struct photo_facts){.format = "jpeg", .width = 4032, .height = 3024};
    if (next_random() % 3 == 0) {
        facts->width = 3024;
        facts->height = 4032;
    }
    snprintf(facts->taken, sizeof facts->taken, "%d-%02d-%02dT%02d:30:00", year, month,
             1 + (int)(next_random() % 28), (int)(next_random() % 24));
    snprintf(facts->make, sizeof facts->make, "%s", next_random() % 2 ? "Canon" : "NIKON");
    memset(hash, 0, HASH_BYTES);
    memcpy(hash, &i, sizeof i);
    random_vector(dim, vector);
    *ret_change = (struct store_change){.kind = STORE_ADD,
                                        .path = path,
                                        .size = 2000000 + (int64_t)(next_random() % 2000000),
                                        .mtime_ns = 1562259000000000000,
                                        .hash = hash,
                                        .facts = facts,
                                        .vector = vector};
}

static void fill(struct store *store, size_t photos, size_t dim)
{
    struct error err;
    static struct store_change changes[BATCH];
    static char paths[BATCH][96];
    static uint8_t hashes[BATCH][HASH_BYTES];
    static struct photo_facts facts[BATCH];
    static const char *const names[NAMES] = {"Ana", "Bo", "Mia"};
    AUTO_FREE float *vectors = xmalloc(BATCH * dim * sizeof *vectors);
    int64_t id;
    for (size_t done = 0; done < photos; done += BATCH) {
        for (size_t i = 0; i < BATCH; i++)
            make_photo(done + i, dim, paths[i], hashes[i], &facts[i], vectors + i * dim,
                       &changes[i]);
        must(store_apply(store, changes, BATCH, &err), &err);
    }
    for (size_t i = 0; i < photos / 100; i++)
        must(store_add_label(store, 1 + (int64_t)(next_random() % photos), names[i % NAMES], NULL,
                             &id, &err),
             &err);
}

/* ---- the kinds ---- */

static struct criteria *leaf(const char *name, enum criteria_compare compare, const char *value)
{
    struct error err;
    struct criteria *made;
    must(criteria_leaf(name, compare, &value, 1, &made, &err), &err);
    return made;
}

static struct criteria *add(struct criteria *group, struct criteria *part)
{
    struct error err;
    must(criteria_add(group, part, &err), &err);
    return group;
}

static struct criteria *negate(struct criteria *part)
{
    struct error err;
    struct criteria *made;
    must(criteria_negate(part, &made, &err), &err);
    return made;
}

static struct criteria *five(bool any)
{
    struct criteria *tree = any ? criteria_any() : criteria_all();
    add(tree, leaf("folder", CRITERIA_IS, "/home/someone/Pictures/2015"));
    add(tree, leaf("date", CRITERIA_AT_LEAST, "2015-03"));
    add(tree, leaf("make", CRITERIA_HAS, "canon"));
    add(tree, negate(leaf("is", CRITERIA_IS, "portrait")));
    return add(tree, negate(leaf("label", CRITERIA_IS, "mia")));
}

static void measure(struct store *store, size_t dim)
{
    struct criteria *all = five(false), *any = five(true);
    const struct store_filter filters[KINDS] = {
        {.folder = NULL},
        {.folder = "/home/someone/Pictures/2015", .from = "2015-03", .until = "2015-10"},
        {.folder = "/home/someone/Pictures", .from = "2015", .label = "Mia"},
        {.where = all},
        {.where = any}};
    static const char *const names[KINDS] = {"no criteria", "folder, from, until",
                                             "folder, from, label", "AND of five", "OR of five"};
    double times[KINDS][SEARCHES], first[KINDS];
    struct store_hit hits[K];
    size_t count[KINDS];
    struct error err;
    AUTO_FREE float *query = xmalloc(dim * sizeof *query);
    random_vector(dim, query);
    must(store_search(store, query, K, NULL, hits, &count[0], &err), &err); /* loads the index */
    for (size_t i = 0; i < SEARCHES; i++)
        for (size_t kind = 0; kind < KINDS; kind++) {
            random_vector(dim, query);
            double start = clock_seconds();
            must(store_search(store, query, K, &filters[kind], hits, &count[kind], &err), &err);
            times[kind][i] = clock_seconds() - start;
            if (i == 0)
                first[kind] = times[kind][i];
        }
    for (size_t kind = 0; kind < KINDS; kind++) {
        for (size_t i = 1; i < SEARCHES; i++) /* sorts */
            for (size_t j = i; j > 0 && times[kind][j - 1] > times[kind][j]; j--) {
                double swapped = times[kind][j];
                times[kind][j] = times[kind][j - 1];
                times[kind][j - 1] = swapped;
            }
        printf("%-20s first %7.2f ms, later %6.2f ms (best %.2f), %zu found\n", names[kind],
               1000 * first[kind], 1000 * times[kind][SEARCHES / 2], 1000 * times[kind][0],
               count[kind]);
    }
    criteria_free(all);
    criteria_free(any);
}

/* ---- queries whose parts are graded by themselves ---- */

static struct query_tree *vector_leaf(size_t dim)
{
    struct error err;
    struct wanted *wanted;
    struct query_tree *leaf;
    AUTO_FREE float *vector = xmalloc(dim * sizeof *vector);
    random_vector(dim, vector);
    must(wanted_vector(vector, dim, &wanted, &err), &err);
    must(query_tree_wanted(wanted, &leaf, &err), &err);
    return leaf;
}

static struct query_tree *add_part(struct query_tree *group, struct query_tree *part)
{
    struct error err;
    must(query_tree_add(group, part, 1, &err), &err);
    return group;
}

/* A + B -C, alone and with the AND of five. */
static void measure_graded(struct store *store, size_t dim, const float *background,
                           bool with_criteria)
{
    enum { TIMES = 5 };
    struct error err;
    struct query_tree * not ;
    double best = INFINITY, first = 0;
    AUTO(query_tree) *tree = query_tree_all();
    must(query_tree_negate(vector_leaf(dim), &not, &err), &err);
    add_part(add_part(add_part(tree, vector_leaf(dim)), vector_leaf(dim)), not );
    if (with_criteria)
        add_part(tree, query_tree_criteria(five(false)));
    struct search_request request = {.tree = tree, .k = K};
    for (size_t i = 0; i < TIMES; i++) {
        struct tree_grader grader;
        struct search_results results = {.items = NULL};
        double start = clock_seconds();
        must(tree_grader_init_vectors(&grader, tree, dim, background, &err), &err);
        must(tree_search_graded(store, &grader, &request, &results, &err), &err);
        double time = clock_seconds() - start;
        first = i == 0 ? time : first;
        best = fmin(best, time);
        search_results_release(&results);
        tree_grader_release(&grader);
    }
    printf("A + B -C%-12s first %7.2f ms, best %7.2f ms\n", with_criteria ? ", AND of five" : "",
           1000 * first, 1000 * best);
}

int main(int argc, char **argv)
{
    size_t photos = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
    size_t dim = argc > 2 ? strtoull(argv[2], NULL, 10) : 256;
    struct error err;
    struct store_model model = {.id = "bench", .preprocessing = 1, .dim = (int)dim};
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    AUTO_FREE char *gallery =
        xasprintf("%s/keepsake-bench-%d.db", argc > 3 ? argv[3] : "/tmp", (int)getpid());
    struct store *store;
    must(store_open(gallery, STORE_WRITE, &store, &err), &err);
    must(store_bind_model(store, &model, &err), &err);
    fill(store, photos, dim);
    printf("%zu photos x %zu\n", photos, dim);
    measure(store, dim);
    AUTO_FREE float *background = xmalloc(CLIP_BACKGROUND_TEXTS * dim * sizeof *background);
    for (size_t i = 0; i < CLIP_BACKGROUND_TEXTS; i++)
        random_vector(dim, background + i * dim);
    measure_graded(store, dim, background, false);
    measure_graded(store, dim, background, true);
    store_close(store);
    for (size_t i = 0; i < 3; i++) {
        AUTO_FREE char *name = xasprintf("%s%s", gallery, suffixes[i]);
        unlink(name);
    }
    return 0;
}
