/* SPDX-License-Identifier: MIT */
/* store_search against brute force, on any kind of store. */
#include "base/file.h"
#include "store_fixture.h"
#include "vectors/vectors.h"

static struct error err;

struct row {
    int64_t id;
    char path[64];
    const float *vector;
    double score;
};

static int compare_rows(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return strcmp(x->path, y->path);
}

/* With an approximate index store_search need not find all. */
static bool is_exact(void)
{
    const char *index = getenv("KEEPSAKE_TEST_INDEX");
    return !index || strcmp(index, "none") == 0;
}

/* True when the exact search gives what sorting all rows gives: ids, order and scores. */
static bool equals_brute_force(struct store *store, struct row *rows, size_t n, size_t dim,
                               const float *query, size_t k)
{
    for (size_t i = 0; i < n; i++) {
        rows[i].score = 0;
        for (size_t j = 0; j < dim; j++)
            rows[i].score += (double)rows[i].vector[j] * query[j];
    }
    qsort(rows, n, sizeof *rows, compare_rows);
    AUTO_FREE struct store_hit *hits = xmalloc(k * sizeof *hits);
    size_t count;
    int rc = is_exact() ? store_search(store, query, k, NULL, hits, &count, &err)
                        : store_search_exact(store, query, k, NULL, hits, &count, &err);
    if (rc) {
        diag("%s", err.message);
        return false;
    }
    bool good = count == (k < n ? k : n);
    for (size_t i = 0; good && i < count; i++) {
        /* Another order of summing may move a score by some units of 1e-16; never a rank unless
         * two scores are that close. */
        good = hits[i].id == rows[i].id && fabs(hits[i].score - rows[i].score) < 1e-12;
        if (!good)
            diag("rank %zu: got %lld %.17g, want %lld %.17g", i, (long long)hits[i].id,
                 hits[i].score, (long long)rows[i].id, rows[i].score);
    }
    return good;
}

static int keep_id(void *context, const struct store_file *file)
{
    struct row **next = context;
    if (strcmp((*next)->path, file->path) != 0)
        return 1;
    (*next)++->id = file->id;
    return 0;
}

/* Adds rows[i] at a path that sorts as i does, and fills path and id. */
static void fill(struct store *store, struct row *rows, size_t n)
{
    struct photo_facts facts = {.format = "jpeg", .width = 1, .height = 1};
    uint8_t hash[HASH_BYTES] = {0};
    AUTO_FREE struct store_change *changes = xcalloc(n, sizeof *changes);
    for (size_t i = 0; i < n; i++) {
        snprintf(rows[i].path, sizeof rows[i].path, "/photos/%06zu.jpg", i);
        changes[i] = (struct store_change){.kind = STORE_ADD,
                                           .path = rows[i].path,
                                           .hash = hash,
                                           .facts = &facts,
                                           .vector = rows[i].vector};
    }
    if (store_apply(store, changes, n, &err))
        ok(false, "fill: %s", err.message);
    if (store_tend_index(store, &err))
        ok(false, "index: %s", err.message);
    struct row *next = rows;
    if (store_list_files(store, NULL, keep_id, &next, &err) || next != rows + n)
        ok(false, "fill: %s", err.message);
}

/* Returns whether the page is that part of the rows, which brute force has sorted. With an
 * approximate index, whether it is in order. */
static bool is_page(struct store *store, const struct row *rows, size_t n, const float *query,
                    size_t skip, size_t k)
{
    size_t count = 0, end = k < n ? k : n;
    AUTO_FREE struct store_hit *hits = xcalloc(k - skip, sizeof *hits);
    if (store_search_page(store, query, skip, k, NULL, hits, &count, &err)) {
        diag("%s", err.message);
        return false;
    }
    bool good = is_exact() ? count == end : count <= end;
    for (size_t i = skip; good && i < count; i++) {
        const struct store_hit *hit = &hits[i - skip];
        good = is_exact() ? hit->id == rows[i].id : i == skip || hit[-1].score >= hit->score;
    }
    if (!good)
        diag("from %zu to %zu: %zu", skip, k, count);
    return good;
}

/* Pages far down are kept from search to search: the second round, and a changed gallery. */
static void test_pages(struct store *store, struct row *rows, size_t n, const float *query,
                       const char *what)
{
    static const size_t skips[] = {1, 16, 17, 40, 255, 256, 300, 999, 1990, 2000, 2300};
    size_t wrong = 0;
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < sizeof skips / sizeof *skips; i++)
            wrong += !is_page(store, rows, n, query, skips[i], skips[i] + 1) +
                     !is_page(store, rows, n, query, skips[i], skips[i] + 60);
    ok(wrong == 0, "%s: each page is its part of the whole list", what);
    if (store_forget(store, rows[300].path, &(int64_t){0}, &err))
        ok(false, "%s", err.message);
    memmove(&rows[300], &rows[301], (n - 301) * sizeof *rows);
    ok(is_page(store, rows, n - 1, query, 250, 310) && is_page(store, rows, n - 1, query, 300, 310),
       "%s: a page after a photo of it was forgotten has the next photos", what);
}

static void test_random(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    enum { N = 2000 };
    AUTO_FREE float *vectors = xmalloc(sizeof *vectors * N * FIXTURE_DIM);
    AUTO_FREE struct row *rows = xcalloc(N, sizeof *rows);
    for (size_t i = 0; i < N; i++) {
        fixture_vector(i, FIXTURE_DIM, vectors + i * FIXTURE_DIM);
        rows[i].vector = vectors + (i % 4 == 3 ? 3 : i) * FIXTURE_DIM; /* a quarter are equal */
    }
    fill(store, rows, N);
    size_t wrong = 0;
    for (uint64_t q = 0; q < 50; q++) {
        float query[FIXTURE_DIM];
        fixture_vector(1000000 + q, FIXTURE_DIM, query);
        wrong += !equals_brute_force(store, rows, N, FIXTURE_DIM, query, q % 2 ? 5 : 300);
    }
    is_int((long long)wrong, 0, "random vectors: 50 searches equal brute force");
    ok(equals_brute_force(store, rows, N, FIXTURE_DIM, vectors, 3 * N),
       "more asked for than there are: all, in order");
    struct store_hit hit;
    size_t count = 9;
    ok(store_search(store, vectors, 0, NULL, &hit, &count, &err) == 0 && count == 0,
       "k = 0: nothing");
    test_pages(store, rows, N, vectors, "a query");
    size_t left = N - 1;
    const float *common = vectors + 3 * FIXTURE_DIM;
    ok(equals_brute_force(store, rows, left, FIXTURE_DIM, common, left),
       "the query that is a quarter of the photos: all, ties by path");
    test_pages(store, rows, left, common, "a quarter of the photos");
}

/* Real ViT-B/32 vectors: row i of images.f32. */
static void test_real(void)
{
    enum { DIM = 512 };
    const char *shared = getenv("KEEPSAKE_SHARED");
    struct file images, texts;
    AUTO_FREE char *folder =
        xasprintf("%s/reference/real-clip-vectors", shared ? shared : "../shared");
    AUTO_FREE char *image_path = file_join(folder, "images.f32");
    AUTO_FREE char *text_path = file_join(folder, "texts.f32");
    if (file_read(image_path, 64 << 20, &images, &err)) {
        skip("no real vectors here");
        return;
    }
    if (file_read(text_path, 64 << 20, &texts, &err)) {
        ok(false, "%s", err.message);
        return;
    }
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = NULL;
    struct store_model model = fixture_model();
    model.dim = DIM;
    if (store_open(gallery, STORE_WRITE, &store, &err) || store_bind_model(store, &model, &err))
        ok(false, "%s", err.message);
    size_t n = images.size / (DIM * sizeof(float)), queries = texts.size / (DIM * sizeof(float));
    AUTO_FREE struct row *rows = xcalloc(n, sizeof *rows);
    const float *vectors = (const float *)(const void *)images.data;
    const float *query = (const float *)(const void *)texts.data;
    for (size_t i = 0; i < n; i++)
        rows[i].vector = vectors + i * DIM;
    fill(store, rows, n);
    size_t wrong = 0;
    for (size_t q = 0; q < queries; q += 11)
        wrong += !equals_brute_force(store, rows, n, DIM, query + q * DIM, 10);
    ok(wrong == 0, "%zu real image vectors: every 11th of %zu real texts ranks as brute force", n,
       queries);
    wrong = 0;
    for (size_t i = 0; i < n; i += 13)
        wrong += !equals_brute_force(store, rows, n, DIM, vectors + i * DIM, 20);
    ok(wrong == 0, "... and every 13th image");
    file_release(&images);
    file_release(&texts);
}

static void test_ties(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    static const char *const paths[] = {"/z", "/a", "/m\xff", "/m", "/A", "/a/b", "/\xc3\xa9"};
    static const char *const sorted[] = {"/A", "/a", "/a/b", "/m", "/m\xff", "/z", "/\xc3\xa9"};
    enum { N = sizeof paths / sizeof *paths };
    for (size_t i = 0; i < N; i++)
        fixture_put(store, paths[i], 5);
    float query[FIXTURE_DIM];
    fixture_vector(5, FIXTURE_DIM, query);
    struct store_hit hits[N];
    for (size_t k = 1; k <= N; k++) {
        size_t count = 0, same = 0;
        if (store_search(store, query, k, NULL, hits, &count, &err))
            diag("%s", err.message);
        for (size_t i = 0; i < count; i++) {
            struct store_photo photo;
            if (store_get_photo(store, hits[i].id, &photo, &err))
                continue;
            same += strcmp(photo.path, sorted[i]) == 0;
            store_photo_release(&photo);
        }
        ok(count == k && same == k, "%zu of equal photos: by path", k);
    }
}

static bool first_is(struct store *store, uint64_t seed, const char *path)
{
    float query[FIXTURE_DIM];
    fixture_vector(seed, FIXTURE_DIM, query);
    struct store_hit hit;
    size_t count;
    struct store_photo photo;
    if (store_search(store, query, 1, NULL, &hit, &count, &err) || count != 1 ||
        store_get_photo(store, hit.id, &photo, &err))
        return false;
    bool good = strcmp(photo.path, path) == 0;
    if (!good)
        diag("first is %s", photo.path);
    store_photo_release(&photo);
    return good;
}

static void apply_one(struct store *store, struct store_change change)
{
    if (store_apply(store, &change, 1, &err))
        ok(false, "%s", err.message);
}

static void test_refresh(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *writer = fixture_open(gallery);
    AUTO(store) *reader = NULL;
    struct store_hit hits[4];
    size_t count = 9;
    float query[FIXTURE_DIM];
    fixture_vector(1, FIXTURE_DIM, query);
    if (store_open(gallery, STORE_READ, &reader, &err))
        ok(false, "%s", err.message);
    ok(store_search(reader, query, 4, NULL, hits, &count, &err) == 0 && count == 0,
       "empty: no hits");
    fixture_put(writer, "/a", 1);
    fixture_put(writer, "/b", 2);
    ok(first_is(reader, 1, "/a") && first_is(writer, 1, "/a"), "another connection's photos");
    fixture_put(writer, "/c", 3);
    ok(first_is(reader, 3, "/c"), "... more of them");
    fixture_put(writer, "/b", 4);
    ok(first_is(reader, 4, "/b"), "... new content");
    ok(store_search(reader, query, 4, NULL, hits, &count, &err) == 0 && count == 3,
       "... counted once");
    apply_one(writer, (struct store_change){
                          .kind = STORE_MOVE, .path = "/d", .id = fixture_id(writer, "/a")});
    ok(first_is(reader, 1, "/d"), "... a move");
    apply_one(writer, (struct store_change){
                          .kind = STORE_COPY, .path = "/a", .id = fixture_id(writer, "/d")});
    ok(first_is(reader, 1, "/a"), "... a copy, which comes before the original");
    apply_one(writer, (struct store_change){.kind = STORE_REMOVE, .path = "/a"});
    ok(first_is(reader, 1, "/d"), "... a removal");
    apply_one(writer, (struct store_change){.kind = STORE_FAIL, .path = "/d", .reason = "x"});
    ok(store_search(reader, query, 4, NULL, hits, &count, &err) == 0 && count == 2,
       "... a failure");
    apply_one(writer, (struct store_change){.kind = STORE_REMOVE, .path = "/c"});
    fixture_put(writer, "/e", 6);
    ok(first_is(reader, 6, "/e") && first_is(writer, 6, "/e"),
       "... a removal and an addition together");
    int64_t forgotten;
    is_int(store_forget(writer, "/", &forgotten, &err), 0, "... all forgotten");
    ok(store_search(reader, query, 4, NULL, hits, &count, &err) == 0 && count == 0, "... no hits");
    ok(store_search(writer, query, 4, NULL, hits, &count, &err) == 0 && count == 0, "... nor here");
}

/* ---- what belongs to many photos ---- */

static void release_photos(struct store_photo *photos, size_t n)
{
    for (size_t i = 0; i < n; i++)
        store_photo_release(&photos[i]);
}

static void test_many_photos(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    for (uint64_t i = 1; i <= 3; i++) {
        char path[8];
        snprintf(path, sizeof path, "/%c", (int)('a' + i));
        fixture_put(store, path, i);
    }
    int64_t b = fixture_id(store, "/b"), d = fixture_id(store, "/d");
    const int64_t ids[] = {d, b + 1000000, b, d};
    struct store_photo photos[4], one = {0};
    float vectors[4][FIXTURE_DIM], alone[FIXTURE_DIM];
    if (store_get_photos(store, ids, 4, photos, vectors[0], &err) ||
        store_get_photo(store, d, &one, &err) || store_get_vector(store, d, alone, &err)) {
        ok(false, "%s", err.message);
        return;
    }
    ok(photos[0].id == d && photos[2].id == b && photos[3].id == d,
       "many photos, in the order asked");
    ok(!photos[1].path, "... one that is not there has no path");
    ok(strcmp(photos[0].path, "/d") == 0 && strcmp(photos[3].path, "/d") == 0 &&
           strcmp(photos[2].path, "/b") == 0,
       "... each with its path, one that is asked for twice, too");
    ok(memcmp(&photos[0].facts, &one.facts, sizeof one.facts) == 0 &&
           memcmp(photos[0].hash, one.hash, HASH_BYTES) == 0 && photos[0].size == one.size,
       "... and as store_get_photo has it");
    ok(memcmp(vectors[0], alone, sizeof alone) == 0 && memcmp(vectors[3], alone, sizeof alone) == 0,
       "... with its vector");
    release_photos(photos, 4);
    store_photo_release(&one);
    is_int(store_get_photos(store, ids, 4, photos, NULL, &err), 0, "... or without");
    release_photos(photos, 4);
    is_int(store_get_photos(store, ids, 0, photos, vectors[0], &err), 0, "... or none at all");
}

struct found {
    int64_t ids[2][8];
    size_t counts[2];
};

static int add_found(void *context, size_t vector, const struct store_hit *hit)
{
    struct found *found = context;
    found->ids[vector][found->counts[vector]++ % 8] = hit->id;
    return 0;
}

static void test_near(void)
{
    AUTO_FREE char *gallery = fixture_gallery();
    AUTO(store) *store = fixture_open(gallery);
    float vectors[2][FIXTURE_DIM];
    fixture_put(store, "/a", 1);
    fixture_put(store, "/b", 2);
    fixture_put(store, "/c", 3);
    apply_one(store, (struct store_change){
                         .kind = STORE_COPY, .path = "/d", .id = fixture_id(store, "/b")});
    fixture_vector(1, FIXTURE_DIM, vectors[0]);
    fixture_vector(2, FIXTURE_DIM, vectors[1]);
    struct found found = {0};
    is_int(store_list_near(store, vectors[0], 2, 0.999, add_found, &found, &err), 0,
           "photos near two vectors are listed");
    ok(found.counts[0] == 1 && found.ids[0][0] == fixture_id(store, "/a"), "... a photo to itself");
    int64_t b = fixture_id(store, "/b"), d = fixture_id(store, "/d");
    ok(found.counts[1] == 2 && found.ids[1][0] + found.ids[1][1] == b + d &&
           (found.ids[1][0] == b || found.ids[1][1] == b),
       "... and its copies");
    found = (struct found){0};
    is_int(store_list_near(store, vectors[0], 2, -1, add_found, &found, &err), 0, "all are near");
    ok(found.counts[0] == 4 && found.counts[1] == 4, "... when the limit says so");
    is_int(store_list_near(store, vectors[0], 0, 0, add_found, &found, &err), 0, "none to nothing");
}

int main(void)
{
    fixture_start();
    test_random();
    test_real();
    test_ties();
    test_refresh();
    test_many_photos();
    test_near();
    fixture_cleanup();
    return done_testing();
}
