/* SPDX-License-Identifier: MIT */
/* An index whose rows come, go and are replaced, and the snapshots that were taken of it meanwhile,
 * against brute force over what each of them should hold. Also while other threads search the
 * snapshots. Ids and scores are compared bit by bit: a score is defined as vectors_score. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/memory.h"
#include "sanitized.h"
#include "tap.h"
#include "vectors/vectors.h"

enum {
    DIM = 5,
    IDS = 20000, /* some blocks of 4,096 rows */
    K = 30,
    SNAPSHOTS = 3,
    ROUNDS = UNDER_SANITIZER ? 60 : 200,
    SEARCHERS = 3,
};

/* What an index should hold: ids 0 to count - 1 were added, some of them removed since. */
struct model {
    struct vectors *index;
    size_t count, present;
    bool has[IDS];
    float vectors[IDS][DIM];
};

static uint32_t seed = 7;

static uint32_t next_random(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)seed * below) >> 32);
}

/* Few different values, so that many rows tie. */
static void random_vector(float ret_vector[DIM])
{
    for (int i = 0; i < DIM; i++)
        ret_vector[i] = (float)next_random(9) / 4 - 1;
}

static void add_row(struct model *m)
{
    random_vector(m->vectors[m->count]);
    m->has[m->count] = true;
    vectors_add(m->index, (int64_t)m->count, m->vectors[m->count]);
    m->present++;
    m->count++;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Removes up to n rows, some of which are not there; `again`: and adds them with other vectors. */
static bool change_rows(struct model *m, size_t n, bool again)
{
    AUTO_FREE int64_t *ids = xmalloc(n * sizeof *ids);
    size_t expected = 0;
    for (size_t i = 0; i < n; i++) {
        ids[i] = next_random((uint32_t)m->count + 10);
        expected += (size_t)ids[i] < m->count && m->has[ids[i]];
        if ((size_t)ids[i] < m->count)
            m->has[ids[i]] = false;
    }
    qsort(ids, n, sizeof *ids, by_id);
    bool good = vectors_remove(m->index, ids, n) == expected;
    m->present -= expected;
    for (size_t i = 0; again && i < n; i++)
        if ((size_t)ids[i] < m->count && !m->has[ids[i]]) {
            random_vector(m->vectors[ids[i]]);
            m->has[ids[i]] = true;
            m->present++;
            vectors_add(m->index, ids[i], m->vectors[ids[i]]);
        }
    return good && vectors_count(m->index) == m->present;
}

static int fetch(void *context, int64_t id, float *ret_vector, struct error *err)
{
    const struct model *m = context;
    if (!m->has[id])
        return error_set(err, ERR_NOT_FOUND, "%lld was removed", (long long)id);
    memcpy(ret_vector, m->vectors[id], sizeof m->vectors[id]);
    return 0;
}

static bool keep_odd(void *context, int64_t id)
{
    (void)context;
    return id % 2;
}

/* Equal scores stay in the order of their ids. */
static size_t brute_force(const struct model *m, const float *query, size_t k, bool odd,
                          struct vectors_hit *ret_hits)
{
    size_t count = 0;
    for (size_t id = 0; id < m->count; id++) {
        double score = vectors_score(m->vectors[id], query, DIM);
        if (!m->has[id] || (odd && id % 2 == 0) ||
            (count == k && score <= ret_hits[count - 1].score))
            continue;
        size_t at = count < k ? count++ : k - 1;
        for (; at > 0 && score > ret_hits[at - 1].score; at--)
            ret_hits[at] = ret_hits[at - 1];
        ret_hits[at] = (struct vectors_hit){(int64_t)id, score};
    }
    return count;
}

static bool is_exact(struct model *m, const float *query, size_t k, bool odd)
{
    struct vectors_source source = {m, fetch, NULL};
    struct vectors_hit got[K], best[K];
    size_t count = 0, expected = brute_force(m, query, k, odd, best);
    bool good =
        !vectors_search(m->index, query, k, &source, odd ? keep_odd : NULL, got, &count, NULL) &&
        count == expected;
    for (size_t i = 0; good && i < count; i++)
        good = got[i].id == best[i].id && got[i].score == best[i].score;
    return good;
}

static struct model *take_snapshot(const struct model *m)
{
    struct model *snapshot = xmalloc(sizeof *snapshot);
    *snapshot = *m;
    snapshot->index = vectors_fork(m->index);
    return snapshot;
}

static void free_model(struct model *m)
{
    if (m)
        vectors_free(m->index);
    free(m);
}

static bool change_somehow(struct model *m, int round)
{
    for (size_t n = next_random(300); n > 0 && m->count < IDS; n--)
        add_row(m);
    return change_rows(m, 1 + next_random(round % 20 == 0 ? 3000 : 40), round % 3 == 0);
}

static struct model *filled_model(size_t n)
{
    struct model *m = xcalloc(1, sizeof *m);
    m->index = vectors_new(DIM);
    while (m->count < n)
        add_row(m);
    return m;
}

/* Changes go to the newest, and now and then to a snapshot: their rows part. */
static void test_random_changes(void)
{
    struct model *models[SNAPSHOTS + 1] = {filled_model(9000)};
    bool exact = true, counted = true;
    for (int round = 0; round < ROUNDS; round++) {
        size_t at = 1 + next_random(SNAPSHOTS);
        float query[DIM];
        if (round % 5 == 0) {
            free_model(models[at]);
            models[at] = take_snapshot(models[0]);
        }
        counted = counted && change_somehow(models[round % 7 == 6 && models[at] ? at : 0], round);
        random_vector(query);
        for (size_t i = 0; i <= SNAPSHOTS; i++)
            if (models[i])
                exact = exact && is_exact(models[i], query, 1 + next_random(K), round % 4 == 0);
    }
    ok(counted, "%d rounds of changes: as many rows as there should be", ROUNDS);
    ok(exact, "searches of an index and its snapshots equal brute force");
    for (size_t i = 0; i <= SNAPSHOTS; i++)
        free_model(models[i]);
}

/* Nearly all rows go, so that the others are moved together. */
static void test_emptied(void)
{
    enum { N = 15000, LEFT = 7 };
    struct model *m = filled_model(N);
    struct model *before = take_snapshot(m);
    float query[DIM] = {0.5f, -0.25f, 1, 0, -1};
    int64_t *ids = xmalloc(N * sizeof *ids);
    for (size_t i = 0; i < N; i++)
        ids[i] = (int64_t)i;
    for (size_t i = LEFT; i < N; i++)
        m->has[i] = false;
    is_int(vectors_remove(m->index, ids + LEFT, N - LEFT), N - LEFT, "all rows but 7 are removed");
    is_int(vectors_count(m->index), LEFT, "7 are left");
    ok(is_exact(m, query, K, false), "these are found");
    ok(is_exact(before, query, K, false), "a snapshot has them all");
    is_int(vectors_remove(m->index, ids, N), LEFT, "the others go, too");
    memset(m->has, 0, sizeof m->has);
    ok(is_exact(m, query, K, false), "nothing is found");
    add_row(m);
    ok(is_exact(m, query, K, false), "until a row comes");
    free(ids);
    free_model(before);
    free_model(m);
}

struct searcher {
    pthread_t thread;
    struct model *snapshot;
    atomic_bool *done;
    bool exact;
};

static void *searcher_main(void *context)
{
    static const float query[DIM] = {1, 0.5f, -0.5f, 0.25f, -1};
    struct searcher *me = context;
    me->exact = true;
    do
        me->exact = me->exact && is_exact(me->snapshot, query, K, false);
    while (!atomic_load(me->done));
    return NULL;
}

static void test_threads(void)
{
    struct model *m = filled_model(9000);
    struct searcher searchers[SEARCHERS];
    atomic_bool done = false;
    for (size_t i = 0; i < SEARCHERS; i++) {
        searchers[i] = (struct searcher){.snapshot = take_snapshot(m), .done = &done};
        if (pthread_create(&searchers[i].thread, NULL, searcher_main, &searchers[i]))
            exit(1);
        for (int round = 0; round < 10; round++)
            change_somehow(m, round);
    }
    change_rows(m, 9000, false);
    atomic_store(&done, true);
    for (size_t i = 0; i < SEARCHERS; i++) {
        pthread_join(searchers[i].thread, NULL);
        ok(searchers[i].exact, "snapshot %zu was exact while the index changed", i);
        free_model(searchers[i].snapshot);
    }
    free_model(m);
}

int main(void)
{
    test_random_changes();
    test_emptied();
    test_threads();
    return done_testing();
}
