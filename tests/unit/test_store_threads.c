/* SPDX-License-Identifier: MIT */
/* Threads with a store each on one gallery: searches while another writes are exact all the time,
 * although all of them share one index in memory. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/file.h"
#include "store_fixture.h"

#define SEARCHERS 4
#define STEADY 40 /* photos that are always there: 1 to STEADY */
#define ROUNDS 60

struct setting {
    const char *gallery;
    atomic_bool done;
    atomic_int searches, wrong;
};

/* A vector of its own for each number: no two are alike. */
static void vector_of(int number, float ret_vector[FIXTURE_DIM])
{
    uint64_t state = (uint64_t)number * 0x9E3779B97F4A7C15u + 1;
    double sum = 0;
    for (int i = 0; i < FIXTURE_DIM; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        ret_vector[i] = (float)((double)(state >> 33) / (1u << 30) - 1);
        sum += (double)ret_vector[i] * ret_vector[i];
    }
    for (int i = 0; i < FIXTURE_DIM; i++)
        ret_vector[i] = (float)(ret_vector[i] / sqrt(sum));
}

static void change(struct store *store, enum store_change_kind kind, int path, int number)
{
    static const struct photo_facts facts = {.format = "jpeg", .width = 4, .height = 3};
    float vector[FIXTURE_DIM];
    uint8_t hash[HASH_BYTES];
    struct error err;
    AUTO_FREE char *name = xasprintf("/photos/%05d.jpg", path);
    vector_of(number, vector);
    hash_bytes(&number, sizeof number, hash);
    struct store_change c = {
        .kind = kind, .path = name, .hash = hash, .facts = &facts, .vector = vector};
    if (store_apply(store, &c, 1, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
}

/* The best hit must be the photo of that vector, and all must come in order. */
static bool search(struct store *store, int number, int64_t id)
{
    enum { K = 8 };
    float vector[FIXTURE_DIM];
    struct store_hit hits[K];
    size_t count;
    struct error err;
    vector_of(number, vector);
    if (store_search(store, vector, K, NULL, hits, &count, &err)) {
        diag("%s", err.message);
        return false;
    }
    bool good = count == K && fabs(hits[0].score - 1) < 1e-6 && (!id || hits[0].id == id);
    for (size_t i = 1; i < count; i++)
        good = good && hits[i].score <= hits[i - 1].score;
    return good;
}

static void *searcher_main(void *context)
{
    struct setting *setting = context;
    struct error err;
    AUTO(store) *store = NULL;
    if (store_open(setting->gallery, STORE_READ, &store, &err)) {
        atomic_fetch_add(&setting->wrong, 1);
        return NULL;
    }
    for (int n = 0; !atomic_load(&setting->done) || n < STEADY; n++) {
        int number = n % STEADY + 1;
        atomic_fetch_add(&setting->wrong, !search(store, number, number));
        atomic_fetch_add(&setting->searches, 1);
    }
    return NULL;
}

static void test_concurrent(const char *gallery, struct store *writer)
{
    struct setting setting = {.gallery = gallery};
    pthread_t threads[SEARCHERS];
    for (int i = 0; i < SEARCHERS; i++)
        pthread_create(&threads[i], NULL, searcher_main, &setting);
    for (int round = 0; round < ROUNDS; round++) {
        change(writer, STORE_ADD, 1000 + round, 1000 + round);
        if (round % 3 == 1) /* other content at a known path: indexes start anew */
            change(writer, STORE_ADD, 1000 + round, 5000 + round);
        if (round % 3 == 2)
            change(writer, STORE_REMOVE, 1000 + round, 1000 + round);
    }
    atomic_store(&setting.done, true);
    for (int i = 0; i < SEARCHERS; i++)
        pthread_join(threads[i], NULL);
    ok(atomic_load(&setting.searches) >= SEARCHERS * STEADY, "%d searches while another writes",
       atomic_load(&setting.searches));
    is_int(atomic_load(&setting.wrong), 0, "all of them exact");
}

static void test_at_once(const char *gallery, struct store *writer)
{
    struct error err;
    AUTO(store) *a = NULL, *b = NULL;
    if (!ok(!store_open(gallery, STORE_READ, &a, &err) &&
                !store_open(gallery, STORE_READ, &b, &err),
            "two readers"))
        return;
    for (int round = 0; round < 5; round++) {
        change(writer, STORE_ADD, 9000 + round, 9000 + round);
        ok(search(round % 2 ? a : b, 9000 + round, 0) && search(round % 2 ? b : a, 9000 + round, 0),
           "what was just stored is found by both");
    }
    change(writer, STORE_REMOVE, 9000, 9000);
    ok(!search(a, 9000, 0) && !search(b, 9000, 0), "what was removed by none");
    ok(search(writer, 9001, 0), "the writer finds, too");
}

/* The gallery is put back from a copy, in place: its counters go back. */
static void test_put_back(const char *gallery, struct store *writer)
{
    struct error err;
    struct file before;
    AUTO(store) *reader = NULL;
    if (!store_is_file(gallery)) {
        skip("a gallery on a server is no file");
        return;
    }
    if (store_seal(writer, &err) || file_read(gallery, 1 << 26, &before, &err)) {
        ok(false, "%s", err.message);
        return;
    }
    struct store *other;
    ok(!store_open(gallery, STORE_WRITE, &other, &err), "another writer");
    change(other, STORE_ADD, 9900, 9900);
    ok(!store_open(gallery, STORE_READ, &reader, &err) && search(reader, 9900, 0), "a new photo");
    store_close(reader);
    reader = NULL;
    ok(!store_seal(other, &err), "all is in the file");
    store_close(other);
    FILE *f = fopen(gallery, "wb");
    ok(f && fwrite(before.data, 1, before.size, f) == before.size && !fclose(f), "put back");
    ok(!store_open(gallery, STORE_READ, &reader, &err) && !search(reader, 9900, 0) &&
           search(reader, 1, 1),
       "then the photo is gone, and the others are there");
    file_release(&before);
}

int main(void)
{
    fixture_start();
    AUTO_FREE char *gallery = fixture_gallery();
    struct store *writer = fixture_open(gallery);
    for (int i = 1; i <= STEADY; i++)
        change(writer, STORE_ADD, i, i);
    test_concurrent(gallery, writer);
    test_at_once(gallery, writer);
    test_put_back(gallery, writer);
    store_close(writer);
    fixture_cleanup();
    return done_testing();
}
