/* SPDX-License-Identifier: MIT */
/* The index against brute force over the float32 vectors: identical ids and scores, for real CLIP
 * vectors and for random ones full of ties, at every instruction set.
 *
 * Two truths. The first ranks all rows by vectors_score, the definition of a score: hits must be
 * equal in id, order and bits. The second sums naively in double: its sums differ from the first by
 * at most dim * 2^-53 of |x||y| (the order of the additions), below 1e-12 for every dim here, so
 * rank for rank the scores must agree within that. */
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "kernels/cpu.h"
#include "sanitized.h"
#include "tap.h"
#include "vectors/vectors.h"

enum { K = 10 };
static const double NAIVE_TOLERANCE = 1e-12;

struct data {
    const char *name;
    size_t dim, n, n_queries;
    float *rows, *queries;     /* [n][dim], [n_queries][dim] */
    struct vectors_hit *truth; /* [n_queries][K] */
    double *naive;             /* [n_queries][K], scores alone */
};

static uint64_t state = 88172645463325252u;

static uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Near enough to normal: the sum of four uniform values. */
static float next_normal(void)
{
    uint64_t r = next_random();
    double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (double)((r >> (16 * i)) & 0xFFFF) / 65536.0 - 0.5;
    return (float)(sum * 1.7320508);
}

static void normalise(float *v, size_t dim, double length)
{
    double sum = 1e-300;
    for (size_t i = 0; i < dim; i++)
        sum += (double)v[i] * v[i];
    for (size_t i = 0; i < dim; i++)
        v[i] = (float)(v[i] * length / sqrt(sum));
}

static int64_t id_of(size_t row)
{
    return 1000 + 7 * (int64_t)row;
}

static size_t row_of(int64_t id)
{
    return (size_t)(id - 1000) / 7;
}

/* An order among equals that is neither that of the ids nor its reverse. */
static int order_ids(void *context, int64_t a, int64_t b)
{
    (void)context;
    uint32_t x = (uint32_t)a * 2654435761u, y = (uint32_t)b * 2654435761u;
    return x < y ? -1 : x > y;
}

/* ---- truth ---- */

static int compare_hits(const void *a, const void *b)
{
    const struct vectors_hit *x = a, *y = b;
    if (isnan(x->score) != isnan(y->score))
        return isnan(x->score) ? 1 : -1;
    if (!isnan(x->score) && x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return order_ids(NULL, x->id, y->id);
}

/* The first k of all rows (of those that keep keeps) into ret_hits; returns how many. */
static size_t brute_force(const struct data *d, const float *query, size_t k,
                          bool (*keep)(void *context, int64_t id), struct vectors_hit *ret_hits)
{
    size_t count = 0;
    for (size_t r = 0; r < d->n; r++) {
        struct vectors_hit hit = {id_of(r), vectors_score(d->rows + r * d->dim, query, d->dim)};
        if (keep && !keep(NULL, hit.id))
            continue;
        if (count == k && (k == 0 || compare_hits(&hit, &ret_hits[k - 1]) >= 0))
            continue;
        size_t at = count < k ? count++ : k - 1;
        for (; at > 0 && compare_hits(&hit, &ret_hits[at - 1]) < 0; at--)
            ret_hits[at] = ret_hits[at - 1];
        ret_hits[at] = hit;
    }
    return count;
}

static double naive_score(const float *a, const float *b, size_t dim)
{
    double sum = 0;
    for (size_t i = 0; i < dim; i++)
        sum += (double)a[i] * b[i];
    return sum;
}

static void naive_best(const struct data *d, const float *query, double *ret_scores)
{
    size_t count = 0;
    for (size_t r = 0; r < d->n; r++) {
        double score = naive_score(d->rows + r * d->dim, query, d->dim);
        if (count == K && score <= ret_scores[K - 1])
            continue;
        size_t at = count < K ? count++ : K - 1;
        for (; at > 0 && score > ret_scores[at - 1]; at--)
            ret_scores[at] = ret_scores[at - 1];
        ret_scores[at] = score;
    }
}

static void find_truth(struct data *d)
{
    d->truth = xcalloc(d->n_queries * K, sizeof *d->truth);
    d->naive = xcalloc(d->n_queries * K, sizeof *d->naive);
    for (size_t q = 0; q < d->n_queries; q++) {
        brute_force(d, d->queries + q * d->dim, K, NULL, d->truth + q * K);
        naive_best(d, d->queries + q * d->dim, d->naive + q * K);
    }
}

/* ---- data ---- */

/* Clusters; a tenth of the rows are exact duplicates of earlier ones, a tenth differ from one by
 * the last bit of a component. spread > 1: lengths from 1/spread to spread instead of 1. */
static struct data random_data(const char *name, size_t dim, size_t n, size_t n_queries,
                               double spread)
{
    struct data d = {name, dim, n, n_queries, NULL, NULL, NULL, NULL};
    d.rows = xmalloc(n * dim * sizeof *d.rows);
    d.queries = xmalloc(n_queries * dim * sizeof *d.queries);
    for (size_t r = 0; r < n; r++) {
        float *row = d.rows + r * dim;
        const float *earlier = r ? d.rows + next_random() % r * dim : row;
        size_t kind = r < 20 ? 9 : next_random() % 10;
        for (size_t i = 0; i < dim; i++)
            row[i] = kind <= 1   ? earlier[i]
                     : kind <= 7 ? earlier[i] + 0.1f * next_normal()
                                 : next_normal();
        if (kind == 1)
            row[next_random() % dim] *= 1 + 0x1p-23f;
        if (kind > 1)
            normalise(row, dim, pow(spread, 2.0 * (double)(next_random() % 1024) / 1023 - 1));
    }
    for (size_t q = 0; q < n_queries; q++) {
        float *query = d.queries + q * dim;
        const float *row = d.rows + next_random() % n * dim;
        for (size_t i = 0; i < dim; i++)
            query[i] = q % 4 == 0 ? row[i] : (q % 4 == 1 ? 0 : row[i]) + 0.2f * next_normal();
        if (q % 4)
            normalise(query, dim, 1);
    }
    find_truth(&d);
    return d;
}

static bool read_floats(const char *name, struct file *ret_file)
{
    const char *shared = getenv("KEEPSAKE_SHARED");
    AUTO_FREE char *folder =
        file_join(shared ? shared : "../shared", "reference/real-clip-vectors");
    AUTO_FREE char *path = file_join(folder, name);
    return file_read(path, 64 << 20, ret_file, NULL) == 0;
}

/* A tenth of them under a sanitizer. */
static size_t queries_of(size_t all)
{
    return test_is_short() ? (all + 9) / 10 : all;
}

static bool real_data(struct data *ret_data)
{
    struct file images, texts;
    if (!read_floats("images.f32", &images))
        return false;
    if (!read_floats("texts.f32", &texts)) {
        file_release(&images);
        return false;
    }
    size_t bytes = 512 * sizeof(float);
    *ret_data = (struct data){.name = "real CLIP vectors",
                              .dim = 512,
                              .n = images.size / bytes,
                              .n_queries = queries_of(1000)};
    ret_data->rows = (float *)(void *)images.data;
    ret_data->queries = (float *)(void *)texts.data;
    find_truth(ret_data);
    return true;
}

static void data_release(struct data *d)
{
    free(d->rows);
    free(d->queries);
    free(d->truth);
    free(d->naive);
}

/* ---- the index ---- */

struct counting_source {
    const struct data *data;
    size_t fetched;
    bool fails;
};

static int fetch(void *context, int64_t id, float *ret_vector, struct error *err)
{
    struct counting_source *s = context;
    if (s->fails)
        return error_set(err, ERR_IO, "the disk is on fire");
    s->fetched++;
    memcpy(ret_vector, s->data->rows + row_of(id) * s->data->dim,
           s->data->dim * sizeof *ret_vector);
    return 0;
}

static struct vectors *index_data(const struct data *d)
{
    struct vectors *v = vectors_new(d->dim);
    for (size_t r = 0; r < d->n; r++)
        vectors_add(v, id_of(r), d->rows + r * d->dim);
    return v;
}

/* The same index by way of stored codes. */
static struct vectors *index_codes(const struct data *d)
{
    struct vectors *v = vectors_new(d->dim);
    size_t size = vectors_code_bytes(d->dim);
    AUTO_FREE char *code = xmalloc(size);
    for (size_t r = 0; r < d->n; r++) {
        vectors_encode(d->rows + r * d->dim, d->dim, code);
        struct error err;
        if (vectors_add_code(v, id_of(r), code, size, &err)) {
            diag("row %zu: %s", r, err.message);
            break;
        }
    }
    return v;
}

static bool same_hits(const struct vectors_hit *a, const struct vectors_hit *b, size_t n)
{
    bool same = true;
    for (size_t i = 0; i < n; i++)
        same &= a[i].id == b[i].id &&
                (a[i].score == b[i].score || (isnan(a[i].score) && isnan(b[i].score)));
    return same;
}

static double length(const float *v, size_t dim)
{
    return sqrt(naive_score(v, v, dim));
}

/* Rank for rank the naive best scores, and each the naive score of its own row. */
static bool near_naive(const struct data *d, size_t q, const struct vectors_hit *hits, size_t n)
{
    const float *query = d->queries + q * d->dim;
    for (size_t i = 0; i < n; i++) {
        const float *row = d->rows + row_of(hits[i].id) * d->dim;
        double tolerance = NAIVE_TOLERANCE * length(query, d->dim) * length(row, d->dim);
        if (fabs(hits[i].score - naive_score(row, query, d->dim)) > tolerance ||
            fabs(hits[i].score - d->naive[q * K + i]) > tolerance)
            return false;
    }
    return true;
}

static int compare_counts(const void *a, const void *b)
{
    const size_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* Queries whose hits differ from a truth; the rows rescored go to ret_fetched [n_queries],
 * sorted. */
static size_t count_wrong(const struct data *d, const struct vectors *v, size_t *ret_fetched)
{
    size_t wrong = 0, want = d->n < K ? d->n : K;
    for (size_t q = 0; q < d->n_queries; q++) {
        struct counting_source context = {d, 0, false};
        struct vectors_source source = {&context, fetch, order_ids};
        struct vectors_hit hits[K];
        size_t count = 0;
        int rc = vectors_search(v, d->queries + q * d->dim, K, &source, NULL, hits, &count, NULL);
        wrong += rc || count != want || !same_hits(hits, d->truth + q * K, want) ||
                 !near_naive(d, q, hits, want);
        ret_fetched[q] = context.fetched;
    }
    qsort(ret_fetched, d->n_queries, sizeof *ret_fetched, compare_counts);
    return wrong;
}

/* In a child: KEEPSAKE_CPU is read once per process. */
static int check_in_child(const struct data *d)
{
    AUTO(vectors) *v = index_data(d);
    AUTO(vectors) *coded = index_codes(d);
    AUTO_FREE size_t *fetched = xcalloc(d->n_queries, sizeof *fetched);
    size_t wrong = count_wrong(d, coded, fetched);
    wrong += count_wrong(d, v, fetched);
    diag("%s, %s: %zu rows, k = %d: rescored median %zu, most %zu", cpu_level_name(cpu_level()),
         d->name, d->n, K, fetched[d->n_queries / 2], fetched[d->n_queries - 1]);
    return wrong != 0;
}

static void check_levels(const struct data *d)
{
    static const char *const levels[] = {"scalar", "avx2", "avx512"};
    for (int i = 0; i < 3; i++) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            setenv("KEEPSAKE_CPU", levels[i], 1);
            int failed = check_in_child(d);
            fflush(stdout);
            _exit(failed);
        }
        int status = -1;
        ok(child > 0 && waitpid(child, &status, 0) == child && status == 0,
           "%s: %zu queries equal brute force (at most %s)", d->name, d->n_queries, levels[i]);
    }
}

static void test_exactness(void)
{
    struct data real;
    if (real_data(&real)) {
        check_levels(&real);
        data_release(&real);
    } else {
        skip("no ../shared/reference/real-clip-vectors");
    }
    static const struct {
        const char *name;
        size_t dim, n, n_queries;
        double spread;
    } cases[] = {
        {"dim 1", 1, 300, 100, 1},
        {"dim 7", 7, 5000, 150, 1},
        {"dim 63", 63, 3000, 120, 1},
        {"dim 64", 64, 20000, 100, 1},
        {"dim 65", 65, 3000, 120, 1},
        {"dim 256", 256, 3000, 120, 1},
        {"dim 512", 512, 2000, 150, 1},
        {"dim 768", 768, 1025, 100, 1},
        {"dim 8192", 8192, 40, 20, 1},
        {"lengths 1e-6 to 1e6", 100, 2000, 60, 1e6},
        {"lengths 1e-30 to 1e30", 9, 2000, 60, 1e30},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct data d = random_data(cases[i].name, cases[i].dim, cases[i].n,
                                    queries_of(cases[i].n_queries), cases[i].spread);
        check_levels(&d);
        data_release(&d);
    }
}

/* ---- edges ---- */

static bool is_third(void *context, int64_t id)
{
    (void)context;
    return row_of(id) % 3 == 0;
}

static bool is_none(void *context, int64_t id)
{
    (void)context;
    (void)id;
    return false;
}

static bool search_equals(const struct data *d, const struct vectors *v, size_t q, size_t k,
                          bool (*keep)(void *context, int64_t id))
{
    AUTO_FREE struct vectors_hit *want = xcalloc(k + 1, sizeof *want);
    AUTO_FREE struct vectors_hit *got = xcalloc(k + 1, sizeof *got);
    struct counting_source context = {d, 0, false};
    struct vectors_source source = {&context, fetch, order_ids};
    const float *query = d->queries + q * d->dim;
    size_t n_want = brute_force(d, query, k, keep, want), n_got = 99999;
    int rc = vectors_search(v, query, k, &source, keep, got, &n_got, NULL);
    return rc == 0 && n_got == n_want && same_hits(got, want, n_want);
}

static void test_counts_and_filters(void)
{
    struct data d = random_data("", 33, 500, 8, 1);
    AUTO(vectors) *v = index_data(&d);
    static const size_t ks[] = {0, 1, 2, 99, 499, 500, 501, 5000};
    for (size_t i = 0; i < sizeof ks / sizeof *ks; i++) {
        ok(search_equals(&d, v, i % 8, ks[i], NULL), "k = %zu of 500", ks[i]);
        ok(search_equals(&d, v, i % 8, ks[i], is_third), "k = %zu of a filtered third", ks[i]);
    }
    ok(search_equals(&d, v, 0, 10, is_none), "a filter that keeps nothing");
    memset(d.queries, 0, d.dim * sizeof *d.queries);
    ok(search_equals(&d, v, 0, 10, NULL), "a zero query: all rows tie");
    is_int((long long)vectors_count(v), 500, "the count");
    is_int((long long)vectors_dim(v), 33, "the dimension");
    vectors_clear(v);
    d.n = 0;
    is_int((long long)vectors_count(v), 0, "the count after clearing");
    ok(search_equals(&d, v, 1, 10, NULL), "an empty index");
    vectors_add(v, id_of(0), d.rows);
    d.n = 1;
    ok(search_equals(&d, v, 1, 10, NULL), "used again after clearing");
    data_release(&d);
}

/* The order of equals comes from the ids when the source has none. */
static void test_order_by_id(void)
{
    float rows[4] = {1, 1, 1, 1};
    struct data d = {"", 1, 4, 0, rows, NULL, NULL, NULL};
    AUTO(vectors) *v = vectors_new(1);
    for (size_t r = 4; r-- > 0;)
        vectors_add(v, id_of(r), rows + r);
    struct counting_source context = {&d, 0, false};
    struct vectors_source source = {&context, fetch, NULL};
    struct vectors_hit hits[2];
    size_t count = 0;
    int rc = vectors_search(v, rows, 2, &source, NULL, hits, &count, NULL);
    ok(rc == 0 && count == 2 && hits[0].id == id_of(0) && hits[1].id == id_of(1), "ties by id");
}

static void test_not_finite(void)
{
    struct data d = random_data("", 40, 300, 12, 1);
    for (size_t r = 0; r < 300; r += 25)
        d.rows[r * 40 + r % 40] = r % 3 == 0 ? NAN : r % 3 == 1 ? INFINITY : -INFINITY;
    for (size_t i = 0; i < 40; i++)
        d.rows[7 * 40 + i] = 3e38f; /* finite, but longer than any code */
    AUTO(vectors) *v = index_data(&d);
    bool good = true;
    for (size_t q = 0; q < 12; q++)
        good &= search_equals(&d, v, q, 10, NULL) && search_equals(&d, v, q, 300, NULL);
    ok(good, "rows with NaN and infinities: still exact, NaN last");
    memset(d.queries, 0, d.dim * sizeof *d.queries);
    ok(search_equals(&d, v, 0, 10, NULL), "the same with a zero query");

    struct error err = ERROR_INIT;
    struct counting_source context = {&d, 0, false};
    struct vectors_source source = {&context, fetch, order_ids};
    struct vectors_hit hits[K];
    size_t count;
    d.queries[3] = NAN;
    is_int(vectors_search(v, d.queries, K, &source, NULL, hits, &count, &err), ERR_INVALID,
           "a NaN query is refused");
    d.queries[3] = INFINITY;
    is_int(vectors_search(v, d.queries, K, &source, NULL, hits, &count, &err), ERR_INVALID,
           "an infinite query is refused");
    context.fails = true;
    is_int(vectors_search(v, d.queries + 40, K, &source, NULL, hits, &count, &err), ERR_IO,
           "what fetch reports");
    is_str(err.message, "the disk is on fire", "and its sentence");
    data_release(&d);
}

static void put_float(char *code, float value)
{
    memcpy(code, &value, sizeof value);
}

static void test_codes(void)
{
    enum { DIM = 20 };
    struct data d = random_data("", DIM, 2, 1, 1);
    AUTO(vectors) *v = vectors_new(DIM);
    size_t size = vectors_code_bytes(DIM);
    char good[8 + DIM], code[8 + DIM];
    is_int((long long)size, 8 + DIM, "the bytes of a code");
    vectors_encode(d.rows, DIM, good);
    struct error err;
    is_int(vectors_add_code(v, 1, good, size, &err), 0, "a good code");
    is_int(vectors_add_code(v, 1, good, size - 1, &err), ERR_CORRUPT, "too short");
    static const float bad[][2] = {{NAN, 0},       {-1, 0},     {INFINITY, 0}, {0.001f, NAN},
                                   {0.001f, -1.f}, {0.001f, 1}, {0, 0.5f},     {0, INFINITY}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        memcpy(code, good, size);
        put_float(code, bad[i][0]);
        put_float(code + 4, bad[i][1]);
        is_int(vectors_add_code(v, 1, code, size, &err), ERR_CORRUPT, "an impossible code");
    }
    memcpy(code, good, size);
    code[8] = -128;
    is_int(vectors_add_code(v, 1, code, size, &err), ERR_CORRUPT, "a unit of -128");
    d.rows[0] = NAN;
    vectors_encode(d.rows, DIM, code);
    is_int(vectors_add_code(v, 1, code, size, &err), ERR_CORRUPT, "the code of a NaN vector");
    is_int((long long)vectors_count(v), 1, "refused codes add no row");
    data_release(&d);
}

int main(void)
{
    test_exactness(); /* forks: before anything asks for the CPU level */
    test_counts_and_filters();
    test_order_by_id();
    test_not_finite();
    test_codes();
    return done_testing();
}
