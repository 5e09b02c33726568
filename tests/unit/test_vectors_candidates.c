/* SPDX-License-Identifier: MIT */
/* Candidates for the best grades: products and deviations are within the ranges that the codes
 * give, and every row that is left out has a worse grade. */
#include <math.h>

#include "base/memory.h"
#include "tap.h"
#include "vectors/vectors.h"

static const double NAIVE_TOLERANCE = 1e-12; /* as in test_vectors.c */

/* Rows of random numbers. */
struct data {
    const char *name;
    size_t dim, n;
    float *rows, *queries; /* [n][dim], [2][dim] */
};

static uint64_t state = 88172645463325252u;

static uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static float *random_rows(size_t n, size_t dim)
{
    float *rows = xmalloc(n * dim * sizeof *rows);
    for (size_t i = 0; i < n * dim; i++)
        rows[i] = (float)((double)(next_random() >> 11) / 0x1p52 - 1) / sqrtf((float)dim);
    return rows;
}

static int64_t id_of(size_t row)
{
    return 1000 + 7 * (int64_t)row;
}

static size_t row_of(int64_t id)
{
    return (size_t)(id - 1000) / 7;
}

static bool is_third(void *context, int64_t id)
{
    (void)context;
    return row_of(id) % 3 == 0;
}

static double naive_score(const float *a, const float *b, size_t dim)
{
    double sum = 0;
    for (size_t i = 0; i < dim; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

enum { BACKGROUND = 20 };

struct bounded {
    const struct data *d;
    const float *queries, *background; /* [2][dim], [BACKGROUND][dim] */
    size_t rows, wrong;
    double grades[3000]; /* true ones, by row */
};

static double true_deviation(const struct bounded *b, const float *row)
{
    double sum = 0, squares = 0, products[BACKGROUND];
    for (size_t i = 0; i < BACKGROUND; i++) {
        products[i] = naive_score(row, b->background + i * b->d->dim, b->d->dim);
        sum += products[i] / BACKGROUND;
    }
    for (size_t i = 0; i < BACKGROUND; i++)
        squares += (products[i] - sum) * (products[i] - sum) / BACKGROUND;
    return sqrt(squares);
}

static bool is_within(double value, struct vectors_range range)
{
    return value >= range.least - NAIVE_TOLERANCE && value <= range.most + NAIVE_TOLERANCE;
}

/* The grade is (a - b) / deviation. */
static struct vectors_range grade_bounded(void *context, int64_t id,
                                          const struct vectors_range *products,
                                          struct vectors_range deviation)
{
    struct bounded *b = context;
    const float *row = b->d->rows + row_of(id) * b->d->dim;
    double spread = true_deviation(b, row);
    double x = naive_score(row, b->queries, b->d->dim);
    double y = naive_score(row, b->queries + b->d->dim, b->d->dim);
    b->rows++;
    b->wrong +=
        !is_within(x, products[0]) || !is_within(y, products[1]) || !is_within(spread, deviation);
    b->grades[row_of(id)] = (x - y) / spread;
    double least = products[0].least - products[1].most;
    double most = products[0].most - products[1].least;
    return (struct vectors_range){least / (least < 0 ? deviation.least : deviation.most),
                                  most / (most > 0 ? deviation.least : deviation.most)};
}

/* Checks that every row that is kept and not listed has a worse grade than k that are listed. */
static bool are_best(const struct bounded *b, const int64_t *ids, size_t n, size_t k,
                     bool (*keep)(void *context, int64_t id))
{
    for (size_t row = 0, at = 0; row < b->d->n; row++) {
        size_t better = 0;
        if (at < n && row_of(ids[at]) == row) {
            at++;
            continue;
        }
        for (size_t i = 0; i < n; i++)
            better += b->grades[row_of(ids[i])] >= b->grades[row];
        if ((!keep || keep(NULL, id_of(row))) && better < k)
            return false;
    }
    return true;
}

static void check_candidates(const struct data *d, const struct vectors *v, const float *background,
                             bool (*keep)(void *context, int64_t id), const char *what)
{
    enum { K_BEST = 5 };
    struct error err;
    static struct bounded b;
    AUTO_FREE int64_t *ids = NULL;
    size_t count = 0, total = 0;
    b = (struct bounded){.d = d, .queries = d->queries, .background = background};
    struct vectors_grading grading = {.queries = d->queries,
                                      .background = background,
                                      .n = 2,
                                      .background_count = BACKGROUND,
                                      .grade = grade_bounded,
                                      .context = &b};
    int rc = vectors_candidates(v, &grading, K_BEST, keep, NULL, &ids, &count, &total, &err);
    ok(!rc && b.wrong == 0 && b.rows == total && total > 0,
       "%s, %s: products and deviations of %zu rows are within their ranges", d->name, what, total);
    ok(!rc && count >= K_BEST && are_best(&b, ids, count, K_BEST, keep),
       "... and the best are among %zu candidates", count);
}

/* An index that grows after its first deviations were cached, and one that was forked from it. */
static void test_candidates(void)
{
    struct error err;
    struct data d = {"random", 70, 3000, random_rows(3000, 70), random_rows(2, 70)};
    AUTO_FREE float *background = random_rows((size_t)2 * BACKGROUND, d.dim);
    AUTO(vectors) *v = vectors_new(d.dim);
    for (size_t i = 0; i < 1000; i++)
        vectors_add(v, id_of(i), d.rows + i * d.dim);
    size_t all = d.n;
    d.n = 1000;
    check_candidates(&d, v, background, NULL, "the first rows");
    AUTO(vectors) *fork = vectors_fork(v);
    d.n = all;
    for (size_t i = 1000; i < all; i++)
        vectors_add(fork, id_of(i), d.rows + i * d.dim);
    check_candidates(&d, fork, background, NULL, "more rows in a fork");
    check_candidates(&d, fork, background + BACKGROUND * d.dim, is_third, "another background");
    d.queries[3] = NAN;
    struct vectors_grading grading = {
        .queries = d.queries, .background = background, .n = 1, .background_count = BACKGROUND};
    int64_t *ids;
    size_t count, total;
    is_int(vectors_candidates(v, &grading, 1, NULL, NULL, &ids, &count, &total, &err), ERR_INVALID,
           "a query that is not finite has no candidates");
    free(d.rows);
    free(d.queries);
}

int main(void)
{
    test_candidates();
    return done_testing();
}
