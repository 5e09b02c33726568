/* SPDX-License-Identifier: MIT */
/* Photos are added, replaced, removed and forgotten at random by two threads and another process,
 * while other threads search: whenever the writers pause, each search equals brute force over what
 * the gallery then holds, although the index in memory only followed the changes. */
#include <pthread.h>
#include <stdatomic.h>

#include "sanitized.h"
#include "store_fixture.h"

enum {
    FOLDERS = 8,
    PATHS = 120,
    VECTORS = 70, /* fewer than paths: some photos tie */
    WRITERS = 2,
    SEARCHERS = 2,
    OPERATIONS = 6, /* a round and writer */
    SEARCHES = 4,
    K = 25,
};

static const char *gallery;
static int rounds;
static pthread_barrier_t barrier;
static atomic_int failures, inexact;

/* ---- writing ---- */

static void path_of(size_t path, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "/photos/%zu/%03zu.jpg", path % FOLDERS, path);
}

static int forget_folder(struct store *store, size_t folder, struct error *err)
{
    char path[64];
    int64_t count;
    snprintf(path, sizeof path, "/photos/%zu", folder);
    return store_forget(store, path, &count, err);
}

/* Some photos in one transaction, of which every third goes. */
static int apply_some(struct store *store, uint64_t *random, size_t n, struct error *err)
{
    struct fixture_photo photos[4];
    struct store_change changes[4];
    for (size_t i = 0; i < n; i++) {
        char path[64];
        path_of(fixture_random(random) % PATHS, path, sizeof path);
        changes[i] = *fixture_add(&photos[i], path, fixture_random(random) % VECTORS);
        if (fixture_random(random) % 3 == 0)
            changes[i] = (struct store_change){.kind = STORE_REMOVE, .path = photos[i].path};
    }
    return store_apply(store, changes, n, err);
}

static bool write_round(struct store *store, uint64_t *random)
{
    struct error err;
    int rc = 0;
    for (int i = 0; !rc && i < OPERATIONS; i++)
        rc = fixture_random(random) % 12 == 0
                 ? forget_folder(store, fixture_random(random) % FOLDERS, &err)
                 : apply_some(store, random, 1 + fixture_random(random) % 4, &err);
    if (rc)
        diag("%s", err.message);
    return !rc;
}

static void *writer_main(void *context)
{
    uint64_t random = *(const uint64_t *)context;
    struct store *store = fixture_open(gallery);
    for (int round = 0; round < rounds; round++) {
        pthread_barrier_wait(&barrier);
        atomic_fetch_add(&failures, !write_round(store, &random));
        pthread_barrier_wait(&barrier);
        pthread_barrier_wait(&barrier);
    }
    store_close(store);
    return NULL;
}

/* ---- another process, which writes a round for each byte that it gets ---- */

struct peer {
    pid_t process;
    int asks, answers;
};

static void serve_rounds(int asks, int answers)
{
    uint64_t random = 99;
    char byte;
    struct store *store = fixture_open(gallery);
    while (read(asks, &byte, 1) == 1) {
        byte = write_round(store, &random) ? 'y' : 'n';
        if (write(answers, &byte, 1) != 1)
            break;
    }
    store_close(store);
    _exit(0);
}

static struct peer start_peer(void)
{
    int asks[2], answers[2];
    if (pipe(asks) || pipe(answers))
        abort();
    pid_t process = fork();
    if (process == 0) {
        close(asks[1]);
        serve_rounds(asks[0], answers[1]);
    }
    close(asks[0]);
    close(answers[1]);
    return (struct peer){process, asks[1], answers[0]};
}

static bool peer_does(struct peer *peer)
{
    char byte = 'g';
    return write(peer->asks, &byte, 1) == 1 && read(peer->answers, &byte, 1) == 1 && byte == 'y';
}

static void end_peer(struct peer *peer)
{
    int status = -1;
    close(peer->asks);
    close(peer->answers);
    waitpid(peer->process, &status, 0);
    is_int(status, 0, "the other process ends well");
}

/* ---- searching ---- */

struct found {
    int64_t id;
    double score;
    char path[64];
};

struct everything {
    struct found photos[PATHS];
    size_t count;
    const float *query;
};

static int add_photo(void *context, const struct store_change *change)
{
    struct everything *all = context;
    if (change->kind != STORE_ADD)
        return 0;
    struct found *photo = &all->photos[all->count++];
    *photo = (struct found){.id = change->id};
    snprintf(photo->path, sizeof photo->path, "%s", change->path);
    for (size_t i = 0; i < FIXTURE_DIM; i++)
        photo->score += (double)change->vector[i] * all->query[i];
    return 0;
}

static int best_first(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return strcmp(x->path, y->path);
}

static bool search_well(struct store *store, uint64_t seed, struct store_hit hits[K],
                        size_t *ret_count)
{
    float query[FIXTURE_DIM];
    struct error err;
    fixture_vector(seed, FIXTURE_DIM, query);
    if (!store_search(store, query, K, NULL, hits, ret_count, &err))
        return true;
    diag("%s", err.message);
    return false;
}

/* The sums differ by the order of their additions: below 32 * 2^-53 for vectors of unit length. */
static bool is_exact(struct store *store, uint64_t seed)
{
    static const double tolerance = 1e-14;
    float query[FIXTURE_DIM];
    struct everything all = {.query = query};
    struct store_hit hits[K];
    size_t count = 0;
    struct error err;
    fixture_vector(seed, FIXTURE_DIM, query);
    if (!search_well(store, seed, hits, &count) || store_dump(store, add_photo, &all, &err))
        return false;
    qsort(all.photos, all.count, sizeof *all.photos, best_first);
    bool good = count == (all.count < K ? all.count : K);
    for (size_t i = 0; good && i < count; i++)
        good =
            hits[i].id == all.photos[i].id && fabs(hits[i].score - all.photos[i].score) < tolerance;
    if (!good)
        diag("%zu found among %zu", count, all.count);
    return good;
}

static void *searcher_main(void *context)
{
    uint64_t random = *(const uint64_t *)context;
    struct store *store = NULL;
    struct error err;
    if (store_open(gallery, STORE_READ, &store, &err))
        abort();
    for (int round = 0; round < rounds; round++) {
        struct store_hit hits[K];
        size_t count;
        pthread_barrier_wait(&barrier);
        for (int i = 0; i < SEARCHES; i++)
            atomic_fetch_add(&failures,
                             !search_well(store, fixture_random(&random) % VECTORS, hits, &count));
        pthread_barrier_wait(&barrier);
        atomic_fetch_add(&inexact, !is_exact(store, fixture_random(&random) % VECTORS));
        pthread_barrier_wait(&barrier);
    }
    store_close(store);
    return NULL;
}

static void run_rounds(struct peer *peer)
{
    for (int round = 0; round < rounds; round++) {
        pthread_barrier_wait(&barrier); /* all write and search */
        atomic_fetch_add(&failures, !peer_does(peer));
        pthread_barrier_wait(&barrier); /* searchers compare */
        pthread_barrier_wait(&barrier);
    }
}

int main(void)
{
    pthread_t threads[WRITERS + SEARCHERS];
    uint64_t seeds[WRITERS + SEARCHERS];
    fixture_start();
    AUTO_FREE char *name = fixture_gallery();
    gallery = name;
    rounds = test_rounds(20, 8, 200);
    store_close(fixture_open(gallery));
    struct peer peer = start_peer();
    pthread_barrier_init(&barrier, NULL, WRITERS + SEARCHERS + 1);
    for (size_t i = 0; i < WRITERS + SEARCHERS; i++) {
        seeds[i] = 1000 + i;
        if (pthread_create(&threads[i], NULL, i < WRITERS ? writer_main : searcher_main, &seeds[i]))
            abort();
    }
    run_rounds(&peer);
    for (size_t i = 0; i < WRITERS + SEARCHERS; i++)
        pthread_join(threads[i], NULL);
    end_peer(&peer);
    is_int(atomic_load(&failures), 0, "random changes: none fails");
    is_int(atomic_load(&inexact), 0, "random changes: every search equals brute force");
    pthread_barrier_destroy(&barrier);
    fixture_cleanup();
    return done_testing();
}
