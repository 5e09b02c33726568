/* SPDX-License-Identifier: MIT */
/* PostgreSQL with pgvector beside keepsake's own exact scan, on the same photos:
 *
 *     bench_store_postgres GALLERY PHOTOS [IMAGES.f32 TEXTS.f32]
 *
 * GALLERY is the address of a PostgreSQL gallery that is not there yet (bench/store makes a server
 * for it). A photo is a row of IMAGES plus differences of other rows, so that all have the
 * covariance of real ones and lie about them in clusters; queries are rows of TEXTS. Without the
 * files both are random. Times are those of store_search
 * for 10 photos, from one client; recall is against the exact scan. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "store/store.h"

enum { DIM = 512, K = 10, QUERIES = 300, BATCH = 256 };

/* A photo's cosine to the row that it is made from is about 0.85. */
#define DIFFERENCES 4
#define DIFFERENCE_SIZE 0.33

static struct file images, texts;

static void must(int rc, const struct error *err)
{
    if (!rc)
        return;
    fprintf(stderr, "bench_store_postgres: %s\n", err->message);
    exit(1);
}

static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 0x1p53;
}

static const float *row(const struct file *file, size_t i)
{
    size_t rows = file->size / (DIM * sizeof(float));
    return (const float *)(const void *)file->data + i % rows * DIM;
}

static void add_differences(const struct file *file, uint64_t *state, float *vector)
{
    for (int n = 0; n < DIFFERENCES; n++) {
        const float *a = row(file, (size_t)(uniform(state) * 1e9));
        const float *b = row(file, (size_t)(uniform(state) * 1e9));
        for (size_t j = 0; j < DIM; j++)
            vector[j] += (float)DIFFERENCE_SIZE * (a[j] - b[j]);
    }
}

/* The i-th of unit length; not one of the rows themselves when `varied`. */
static void make_vector(const struct file *file, size_t i, bool varied, float *ret_vector)
{
    uint64_t state = i * 0x9e3779b97f4a7c15u + 1;
    double sum = 0;
    for (size_t j = 0; j < DIM; j++)
        ret_vector[j] = file->size ? row(file, i)[j] : (float)(uniform(&state) - 0.5);
    if (file->size && varied)
        add_differences(file, &state, ret_vector);
    for (size_t j = 0; j < DIM; j++)
        sum += (double)ret_vector[j] * ret_vector[j];
    for (size_t j = 0; j < DIM; j++)
        ret_vector[j] = (float)(ret_vector[j] / sqrt(sum));
}

static void show_notice(void *context, const char *sentence)
{
    (void)context;
    printf("  %s\n", sentence);
}

static struct store *open_store(const char *gallery)
{
    struct error err;
    struct store *store;
    struct store_model model = {.id = "bench", .preprocessing = 1, .dim = DIM};
    struct store_options options = {.notice = show_notice};
    must(store_open_with(gallery, STORE_WRITE, &options, &store, &err), &err);
    must(store_bind_model(store, &model, &err), &err);
    return store;
}

/* Returns the seconds spent in the store. */
static double fill(struct store *store, size_t photos)
{
    static struct store_change changes[BATCH];
    static char paths[BATCH][96];
    static uint8_t hash[HASH_BYTES] = {1};
    struct error err;
    struct photo_facts facts = {.format = "jpeg", .width = 4032, .height = 3024, .make = "Maker"};
    AUTO_FREE float *vectors = xmalloc(sizeof *vectors * BATCH * DIM);
    double spent = 0;
    for (size_t done = 0; done < photos; done += BATCH) {
        size_t n = photos - done < BATCH ? photos - done : BATCH;
        for (size_t i = 0; i < n; i++) {
            snprintf(paths[i], sizeof paths[i], "/home/someone/Pictures/IMG_%07zu.jpg", done + i);
            make_vector(&images, done + i, true, vectors + i * DIM);
            changes[i] = (struct store_change){.kind = STORE_ADD,
                                               .path = paths[i],
                                               .size = 3000000,
                                               .mtime_ns = 1562259000000000000,
                                               .hash = hash,
                                               .facts = &facts,
                                               .vector = vectors + i * DIM};
        }
        double start = clock_seconds();
        must(store_apply(store, changes, n, &err), &err);
        spent += clock_seconds() - start;
    }
    return spent;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Prints median and p99 of the searches and, when `want` is given, recall against it. */
static void measure(const char *name, struct store *store, const struct store_hit *want,
                    struct store_hit *hits)
{
    struct error err;
    double times[QUERIES];
    size_t found = 0;
    float query[DIM];
    for (int warm = 0; warm < 2; warm++) /* the first round reads pages into memory */
        for (size_t q = 0; q < QUERIES; q++) {
            size_t count;
            make_vector(&texts, 1000003 + q, false, query);
            double start = clock_seconds();
            must(store_search(store, query, K, NULL, hits + q * K, &count, &err), &err);
            times[q] = clock_seconds() - start;
        }
    for (size_t i = 0; want && i < QUERIES * K; i++)
        for (size_t j = i / K * K; j < i / K * K + K; j++)
            found += hits[i].id == want[j].id;
    qsort(times, QUERIES, sizeof *times, by_value);
    printf("  %-28s median %7.2f ms, p99 %7.2f ms", name, 1000 * times[QUERIES / 2],
           1000 * times[QUERIES * 99 / 100]);
    if (want)
        printf(", recall@%d %.4f", K, (double)found / (QUERIES * K));
    printf("\n");
    fflush(stdout);
}

static void measure_index(struct store *store, enum store_index_kind kind,
                          const struct store_hit *want, struct store_hit *hits)
{
    struct error err;
    double start = clock_seconds();
    must(store_set_index(store, kind, STORE_METRIC_COSINE, &err), &err);
    printf("  %s built in %.1f s\n", store_index_name(kind), clock_seconds() - start);
    measure(store_index_name(kind), store, want, hits);
}

int main(int argc, char **argv)
{
    struct error err;
    if (argc != 3 && argc != 5) {
        fprintf(stderr, "usage: bench_store_postgres GALLERY PHOTOS [IMAGES.f32 TEXTS.f32]\n");
        return 2;
    }
    size_t photos = strtoull(argv[2], NULL, 10);
    if (argc == 5) {
        must(file_read(argv[3], 64 << 20, &images, &err), &err);
        must(file_read(argv[4], 64 << 20, &texts, &err), &err);
    }
    struct store_hit *want = xcalloc(QUERIES * K, sizeof *want);
    struct store_hit *hits = xcalloc(QUERIES * K, sizeof *hits);
    char file[64];
    snprintf(file, sizeof file, "/tmp/keepsake-bench-%d.db", (int)getpid());
    struct store *sqlite = open_store(file), *postgres = open_store(argv[1]);
    printf("%zu photos of %d numbers%s\n", photos, DIM, images.size ? "" : " (random)");
    printf("  stored: SQLite file %.0f photos/s", (double)photos / fill(sqlite, photos));
    printf(", PostgreSQL %.0f photos/s (transactions of %d)\n",
           (double)photos / fill(postgres, photos), BATCH);
    measure("keepsake's exact scan", sqlite, NULL, want);
    measure_index(postgres, STORE_INDEX_NONE, want, hits);
    measure_index(postgres, STORE_INDEX_IVFFLAT, want, hits);
    measure_index(postgres, STORE_INDEX_HNSW, want, hits);
    store_close(postgres);
    store_close(sqlite);
    unlink(file);
    free(want);
    free(hits);
    file_release(&images);
    file_release(&texts);
    return 0;
}
