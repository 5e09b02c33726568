/* SPDX-License-Identifier: MIT */
/* Real CLIP vectors on PostgreSQL: the same answers as SQLite, and the recall of each index. */
#include "base/file.h"
#include "postgres_fixture.h"
#include "real_vectors.h"
#include "wait.h"

enum { DIM = REAL_DIM, K = 10 };

static struct error err;

/* Ids are 1, 2, 3 ... in the order of the rows. Every seventh photo is there twice, so that there
 * are ties; the copies' paths come first. */
static struct store *make_gallery(const char *gallery, const struct store_options *options)
{
    struct store *store;
    struct store_model model = {.id = "clip-vit-b-32", .preprocessing = 1, .dim = DIM};
    memset(model.fingerprint, 'c', HASH_HEX_SIZE - 1);
    if (store_open_with(gallery, STORE_WRITE, options, &store, &err) ||
        store_bind_model(store, &model, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    size_t n = image_count + image_count / 7;
    AUTO_FREE struct store_change *changes = xcalloc(n, sizeof *changes);
    AUTO_FREE char *paths = xmalloc(n * 32);
    struct photo_facts facts = {.format = "jpeg", .width = 640, .height = 480};
    uint8_t hash[HASH_BYTES] = {7};
    for (size_t i = 0; i < n; i++) {
        size_t source = i < image_count ? i : (i - image_count) * 7;
        char *path = paths + i * 32;
        snprintf(path, 32, "/%c/%06zu.jpg", i < image_count ? 'p' : 'c', source);
        changes[i] = (struct store_change){.kind = STORE_ADD,
                                           .path = path,
                                           .size = 5,
                                           .mtime_ns = 6,
                                           .hash = hash,
                                           .facts = &facts,
                                           .vector = image(source)};
    }
    for (size_t i = 0; i < n; i += 500)
        if (store_apply(store, changes + i, n - i < 500 ? n - i : 500, &err))
            ok(false, "fill: %s", err.message);
    return store;
}

/* The answers to every step-th text: [text_count * K] ids and scores, zeros between them. */
static struct store_hit *ask(struct store *store, size_t step)
{
    struct store_hit *hits = xcalloc(text_count * K, sizeof *hits);
    for (size_t q = 0; q < text_count; q += step) {
        size_t count = 0;
        if (store_search(store, text(q), K, NULL, hits + q * K, &count, &err) || count != K) {
            ok(false, "search %zu: %zu hits, %s", q, count, err.message);
            break;
        }
    }
    return hits;
}

static double recall(const struct store_hit *got, const struct store_hit *want, size_t step)
{
    size_t found = 0, asked = 0;
    for (size_t q = 0; q < text_count; q += step, asked++)
        for (size_t i = 0; i < K; i++)
            for (size_t j = 0; j < K; j++)
                found += got[q * K + i].id == want[q * K + j].id;
    return (double)found / (double)(asked * K);
}

static void test_same_as_sqlite(struct store *store, const struct store_hit *want)
{
    AUTO_FREE struct store_hit *got = ask(store, 1);
    size_t other = 0;
    for (size_t i = 0; i < text_count * K; i++)
        other += got[i].id != want[i].id || got[i].score != want[i].score;
    ok(other == 0, "%zu photos: the top %d of %zu texts are those of SQLite, scores to the bit",
       image_count + image_count / 7, K, text_count);
}

/* How often the gallery's vector index was used. A server process reports when a statement ends
 * a second or more after its last report. */
static long long index_scans(const char *gallery, struct store *store)
{
    struct store_index index;
    if (store_get_index(store, &index, &err))
        diag("%s", err.message);
    char line[32] = "";
    postgres_sql(line, sizeof line,
                 "SELECT coalesce(sum(idx_scan), 0) FROM pg_stat_all_indexes WHERE schemaname ="
                 " '%s' AND indexrelname LIKE '%%keepsake'",
                 postgres_schema(gallery));
    return strtoll(line, NULL, 10);
}

struct scans {
    const char *gallery;
    struct store *store;
    long long wanted;
};

static bool has_scans(void *context)
{
    const struct scans *s = context;
    return index_scans(s->gallery, s->store) >= s->wanted;
}

static void test_index(const char *gallery, struct store *store, const struct store_hit *want,
                       enum store_index_kind kind, enum store_metric metric, double least)
{
    size_t step = 3;
    is_int(store_set_index(store, kind, metric, &err), 0, "makes an index");
    struct store_index index;
    ok(store_get_index(store, &index, &err) == 0 && index.wanted == kind && index.built == kind &&
           (kind == STORE_INDEX_NONE) == (index.built_photos == 0) &&
           (kind == STORE_INDEX_NONE) == (index.built_at == 0),
       "... and remembers it");
    AUTO_FREE struct store_hit *got = ask(store, step);
    double found = recall(got, want, step);
    ok(found >= least, "%s, metric %d: recall@%d %.4f", store_index_name(kind), metric, K, found);
    size_t count;
    struct store_hit hits[K], exact[K];
    ok(store_search_exact(store, text(1), K, NULL, hits, &count, &err) == 0 && count == K &&
           memcpy(exact, want + K, sizeof exact) && hits[0].id == exact[0].id &&
           hits[K - 1].id == exact[K - 1].id,
       "... an exact search beside it");
    struct scans scans = {gallery, store, (long long)(text_count / step)};
    if (kind != STORE_INDEX_NONE)
        ok(wait_until(has_scans, &scans, "the report of the index"), "... searches used it");
}

/* More rows than the index gives at once. */
static void test_k_rows(struct store *store)
{
    struct store_hit *hits = xcalloc(image_count, sizeof *hits);
    size_t count = 0;
    is_int(store_search(store, text(0), image_count, NULL, hits, &count, &err), 0,
           "as many as there are");
    ok(count >= image_count * 98 / 100, "... come, nearly: %zu of %zu", count, image_count);
    free(hits);
}

static void test_halfvec(const struct store_hit *want)
{
    AUTO_FREE char *gallery = fixture_gallery();
    struct store_options options = {.storage = STORE_STORAGE_HALFVEC};
    AUTO(store) *store = make_gallery(gallery, &options);
    AUTO_FREE struct store_hit *got = ask(store, 1);
    double found = recall(got, want, 1);
    ok(found > 0.99, "halfvec, exact: recall@%d %.4f of the float32 vectors", K, found);
    test_index(gallery, store, want, STORE_INDEX_HNSW, STORE_METRIC_COSINE, 0.98);
    struct store *other;
    options.storage = STORE_STORAGE_VECTOR;
    is_int(store_open_with(gallery, STORE_WRITE, &options, &other, &err), ERR_MISMATCH,
           "the storage of a gallery stays");
}

int main(void)
{
    if (!postgres_is_here())
        return done_testing();
    if (!read_vectors()) {
        skip("no real vectors here");
        return done_testing();
    }
    fixture_start();
    AUTO_FREE char *file = xasprintf("%s/real.db", fixture_folder);
    AUTO_FREE char *gallery = fixture_gallery();
    struct store *sqlite = make_gallery(file, NULL);
    AUTO_FREE struct store_hit *want = ask(sqlite, 1);
    store_close(sqlite);
    AUTO(store) *store = make_gallery(gallery, NULL);
    test_same_as_sqlite(store, want);
    test_index(gallery, store, want, STORE_INDEX_HNSW, STORE_METRIC_COSINE, 0.98);
    test_k_rows(store);
    test_index(gallery, store, want, STORE_INDEX_HNSW, STORE_METRIC_L2, 0.98);
    test_index(gallery, store, want, STORE_INDEX_HNSW, STORE_METRIC_INNER_PRODUCT, 0.98);
    test_index(gallery, store, want, STORE_INDEX_IVFFLAT, STORE_METRIC_COSINE, 0.98);
    test_index(gallery, store, want, STORE_INDEX_NONE, STORE_METRIC_COSINE, 1);
    test_halfvec(want);
    file_release(&real_images);
    file_release(&real_texts);
    fixture_cleanup();
    return done_testing();
}
