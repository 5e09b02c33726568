/* What has threads: a scan large enough to be shared by several, and several searches of one index
 * at once. Truth is brute force by vectors_score. */
#include <pthread.h>
#include <stdint.h>

#include "base/memory.h"
#include "tap.h"
#include "vectors/vectors.h"

enum { DIM = 3, ROWS = 600000, K = 200, SEARCHERS = 4 }; /* 600,000 codes of 64 bytes: 38 MB */

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

/* NULL when the hits are right. */
static void *search(void *context)
{
    const float *query = context;
    struct vectors_source source = {NULL, fetch, NULL};
    struct vectors_hit want[K], got[K];
    size_t count = 0;
    brute_force(query, want);
    int rc = vectors_search(all, query, K, &source, NULL, got, &count, NULL);
    bool good = rc == 0 && count == K;
    for (size_t i = 0; good && i < K; i++)
        good = got[i].id == want[i].id && got[i].score == want[i].score;
    return good ? NULL : context;
}

int main(void)
{
    static float queries[SEARCHERS][DIM] = {
        {0.3f, -0.5f, 0.8f}, {1, 1, 1}, {-0.9f, 0.01f, 0.2f}, {0, 0, 1}};
    fill_rows();
    all = vectors_new(DIM);
    for (size_t r = 0; r < ROWS; r++)
        vectors_add(all, (int64_t)r, rows[r]);
    for (size_t i = 0; i < SEARCHERS; i++)
        ok(!search(queries[i]), "query %zu of 600,000 rows equals brute force", i);
    pthread_t threads[SEARCHERS];
    for (size_t i = 0; i < SEARCHERS; i++)
        if (pthread_create(&threads[i], NULL, search, queries[i]))
            return 1;
    for (size_t i = 0; i < SEARCHERS; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        ok(!wrong, "the same while three others search");
    }
    vectors_free(all);
    return done_testing();
}
