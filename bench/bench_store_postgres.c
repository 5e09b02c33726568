/* SPDX-License-Identifier: MIT */
/* PostgreSQL with pgvector beside keepsake's own exact scan, on the same photos:
 *
 *     bench_store_postgres GALLERY FILE PHOTOS INDEX [IMAGES.f32 TEXTS.f32]
 *
 * GALLERY is the address of a PostgreSQL gallery (bench/store makes a server for it), and FILE a
 * gallery in a file; if they are not there yet, both are filled. INDEX is what is measured: none,
 * ivfflat, hnsw, hnsw:halfvec or hnsw:bit, with options of the index after a further colon
 * (hnsw:bit:candidates=3000). A photo is a row of IMAGES plus differences of other rows, so that
 * all have the covariance of real ones and lie about them in clusters; queries are rows of TEXTS.
 * Without these files both are random. Times are those of store_search for 10 photos, from one
 * client; recall is against the exact scan. */
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

static struct store *open_store(const char *gallery, struct store_options options)
{
    struct error err;
    struct store *store;
    struct store_model model = {.id = "bench", .preprocessing = 1, .dim = DIM};
    options.notice = show_notice;
    must(store_open_with(gallery, STORE_WRITE, &options, &store, &err), &err);
    must(store_bind_model(store, &model, &err), &err);
    return store;
}

/* Stores the photos, and prints how many a second, unless the gallery has photos. */
static void fill(struct store *store, const char *name, size_t photos)
{
    static struct store_change changes[BATCH];
    static char paths[BATCH][96];
    static uint8_t hash[HASH_BYTES] = {1};
    struct error err;
    struct store_status status;
    struct photo_facts facts = {.format = "jpeg", .width = 4032, .height = 3024, .make = "Maker"};
    AUTO_FREE float *vectors = xmalloc(sizeof *vectors * BATCH * DIM);
    double spent = 0;
    must(store_status(store, &status, &err), &err);
    if (status.photos)
        return;
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
    printf("  stored: %s %.0f photos/s (transactions of %d)\n", name, (double)photos / spent,
           BATCH);
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

/* Reads KIND[:QUANTIZE[:OPTIONS]], and cuts it into its words. */
static struct store_options read_index(char *words)
{
    struct store_options options = {.metric = STORE_METRIC_COSINE,
                                    .quantize = STORE_QUANTIZE_NONE,
                                    .index_options = "m=auto ef_construction=auto ef_search=auto"
                                                     " candidates=auto lists=auto probes=auto"};
    char *kind = strsep(&words, ":"), *quantize = strsep(&words, ":");
    if (!store_index_parse(kind, &options.index)) {
        fprintf(stderr, "bench_store_postgres: there is no index %s\n", kind);
        exit(2);
    }
    if (quantize && strcmp(quantize, "bit") == 0)
        options.quantize = STORE_QUANTIZE_BIT;
    if (quantize && strcmp(quantize, "halfvec") == 0)
        options.quantize = STORE_QUANTIZE_HALFVEC;
    if (words)
        options.index_options = words;
    return options;
}

static void measure_index(struct store *store, const char *name, const struct store_hit *want,
                          struct store_hit *hits)
{
    struct error err;
    double start = clock_seconds();
    must(store_tend_index(store, &err), &err);
    if (strcmp(name, "none") != 0)
        printf("  %s built in %.1f s\n", name, clock_seconds() - start);
    measure(name, store, want, hits);
}

static int refuse_arguments(void)
{
    fprintf(stderr, "usage: bench_store_postgres GALLERY FILE PHOTOS INDEX [IMAGES.f32 "
                    "TEXTS.f32]\n");
    return 2;
}

int main(int argc, char **argv)
{
    struct error err;
    if (argc != 5 && argc != 7)
        return refuse_arguments();
    size_t photos = strtoull(argv[3], NULL, 10);
    if (argc == 7) {
        must(file_read(argv[5], 64 << 20, &images, &err), &err);
        must(file_read(argv[6], 64 << 20, &texts, &err), &err);
    }
    AUTO_FREE char *words = xstrdup(argv[4]);
    struct store_hit *want = xcalloc(QUERIES * K, sizeof *want);
    struct store_hit *hits = xcalloc(QUERIES * K, sizeof *hits);
    struct store *file = open_store(argv[2], (struct store_options){0});
    fill(file, "SQLite file", photos);
    measure("keepsake's exact scan", file, NULL, want);
    store_close(file);
    struct store *postgres = open_store(argv[1], read_index(words));
    fill(postgres, "PostgreSQL", photos);
    measure_index(postgres, argv[4], want, hits);
    store_close(postgres);
    free(want);
    free(hits);
    file_release(&images);
    file_release(&texts);
    return 0;
}
