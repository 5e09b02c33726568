/* SPDX-License-Identifier: MIT */
/* Threads of the index: a scan large enough for several threads, and concurrent searches of one
 * index, which share scans. The expected results are brute force by vectors_score. */
#include <pthread.h>
#include <stdint.h>

#include "base/memory.h"
#include "sanitized.h"
#include "tap.h"
#include "vectors/vectors.h"

enum {
    DIM = 3,
    ROWS = 600000, /* 600,000 codes of 64 bytes: 38 MB */
    K = 200,
    QUERIES = 4,
    SEARCHERS = 40, /* more than one scan takes */
    ROUNDS = UNDER_SANITIZER ? 1 : 5,
};

static float rows[ROWS][DIM];
static struct vectors *all;

/* Few different values, so that many rows tie; the best for the last query are spread evenly, so
 * that every thread holds some, its first row among them. */
static void fill_rows(void)
{
    uint32_t x = 1;
    for (size_t r = 0; r < ROWS; r++)
        for (size_t i = 0; i < DIM; i++) {
            x = x * 1664525u + 1013904223u;
            rows[r][i] = (float)(int)(x >> 25) / 64.0f - 1;
        }
    for (size_t r = 0; r < ROWS; r += 4096)
        rows[r][2] = 2 + (float)(r / 4096 * 37 % 147) / 147;
}

static int fetch(void *context, int64_t id, float *ret_vector, struct error *err)
{
    (void)context;
    (void)err;
    memcpy(ret_vector, rows[id], sizeof rows[id]);
    return 0;
}

/* Equal scores stay in the order of their ids, which is the order of the rows. */
static void brute_force(const float *query, struct vectors_hit *ret_hits)
{
    size_t count = 0;
    for (size_t r = 0; r < ROWS; r++) {
        double score = vectors_score(rows[r], query, DIM);
        if (count == K && score <= ret_hits[K - 1].score)
            continue;
        size_t at = count < K ? count++ : K - 1;
        for (; at > 0 && score > ret_hits[at - 1].score; at--)
            ret_hits[at] = ret_hits[at - 1];
        ret_hits[at] = (struct vectors_hit){(int64_t)r, score};
    }
}

static const float queries[QUERIES][DIM] = {
    {0.3f, -0.5f, 0.8f}, {1, 1, 1}, {-0.9f, 0.01f, 0.2f}, {0, 0, 1}};
static struct vectors_hit best[QUERIES][K];

static bool is_right(size_t query, size_t k)
{
    struct vectors_source source = {NULL, fetch, NULL};
    struct vectors_hit got[K];
    size_t count = 0;
    int rc = vectors_search(all, queries[query], k, &source, NULL, got, &count, NULL);
    bool good = rc == 0 && count == k;
    for (size_t i = 0; good && i < k; i++)
        good = got[i].id == best[query][i].id && got[i].score == best[query][i].score;
    return good;
}

struct searcher {
    pthread_t thread;
    pthread_barrier_t *start;
    size_t number, right; /* right: of ROUNDS */
};

static void *search(void *context)
{
    struct searcher *me = context;
    pthread_barrier_wait(me->start);
    for (size_t round = 0; round < ROUNDS; round++)
        me->right += is_right((me->number + round) % QUERIES, K - me->number * 4);
    return NULL;
}

static void test_together(void)
{
    struct searcher searchers[SEARCHERS];
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, SEARCHERS);
    for (size_t i = 0; i < SEARCHERS; i++) {
        searchers[i] = (struct searcher){.start = &start, .number = i};
        if (pthread_create(&searchers[i].thread, NULL, search, &searchers[i]))
            exit(1);
    }
    for (size_t i = 0; i < SEARCHERS; i++) {
        pthread_join(searchers[i].thread, NULL);
        ok(searchers[i].right == ROUNDS, "searcher %zu, while %d others search", i, SEARCHERS - 1);
    }
    pthread_barrier_destroy(&start);
}

int main(void)
{
    fill_rows();
    all = vectors_new(DIM);
    for (size_t r = 0; r < ROWS; r++)
        vectors_add(all, (int64_t)r, rows[r]);
    for (size_t i = 0; i < QUERIES; i++) {
        brute_force(queries[i], best[i]);
        ok(is_right(i, K), "query %zu of 600,000 rows equals brute force", i);
    }
    test_together();
    vectors_free(all);
    return done_testing();
}
