/* SPDX-License-Identifier: MIT */
/* What the store costs: photos stored a second in transactions of 16 and 256, and the time of a
 * search by a program that has just started and by one that already searched.
 *
 *     build/release/bench/bench_store [PHOTOS [DIM [FOLDER]]]
 *
 * The files are in the page cache: this measures the program, not the disk, except for the writes,
 * which the store waits for as the file system makes it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"

enum { BATCH_MAX = 256, SEARCHES = 50, STARTS = 9 };

static void must(int rc, const struct error *err)
{
    if (!rc)
        return;
    fprintf(stderr, "bench_store: %s\n", err->message);
    exit(1);
}

static double random_unit(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 0x1p53;
}

static void random_vector(uint64_t seed, size_t dim, float *ret_vector)
{
    uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
    double sum = 0;
    for (size_t i = 0; i < dim; i++) {
        ret_vector[i] = (float)(random_unit(&state) + random_unit(&state) - 1);
        sum += (double)ret_vector[i] * ret_vector[i];
    }
    for (size_t i = 0; i < dim; i++)
        ret_vector[i] = (float)(ret_vector[i] / sqrt(sum));
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, by_value);
    return values[n / 2];
}

static void fill(const char *gallery, size_t photos, size_t dim, size_t batch)
{
    struct error err;
    AUTO(store) *store = NULL;
    struct store_model model = {.id = "bench", .preprocessing = 1, .dim = (int)dim};
    must(store_open(gallery, STORE_WRITE, &store, &err), &err);
    must(store_bind_model(store, &model, &err), &err);
    static struct store_change changes[BATCH_MAX];
    static char paths[BATCH_MAX][96];
    static uint8_t hashes[BATCH_MAX][HASH_BYTES];
    struct photo_facts facts = {.format = "jpeg",
                                .width = 4032,
                                .height = 3024,
                                .make = "Maker",
                                .model = "Camera 12",
                                .taken = "2019-07-04T18:30:00"};
    AUTO_FREE float *vectors = xmalloc(BATCH_MAX * dim * sizeof *vectors);
    double spent = 0;
    for (size_t done = 0; done < photos; done += batch) {
        size_t n = photos - done < batch ? photos - done : batch;
        for (size_t i = 0; i < n; i++) {
            snprintf(paths[i], sizeof paths[i], "/home/someone/Pictures/2019/07/IMG_%07zu.jpg",
                     done + i);
            memcpy(hashes[i], &(size_t){done + i}, sizeof(size_t));
            random_vector(done + i, dim, vectors + i * dim);
            changes[i] = (struct store_change){.kind = STORE_ADD,
                                               .path = paths[i],
                                               .size = 3000000,
                                               .mtime_ns = 1562259000000000000,
                                               .hash = hashes[i],
                                               .facts = &facts,
                                               .vector = vectors + i * dim};
        }
        double start = clock_seconds();
        must(store_apply(store, changes, n, &err), &err);
        spent += clock_seconds() - start;
    }
    struct store_status status;
    must(store_status(store, &status, &err), &err);
    printf("store  %7zu x %zu in transactions of %3zu: %8.0f photos/s, %.0f bytes a photo\n",
           photos, dim, batch, (double)photos / spent, (double)status.bytes / (double)photos);
}

static void search(const char *gallery, size_t photos, size_t dim)
{
    struct error err;
    struct store_hit hits[5];
    size_t count;
    double opened[STARTS], first[STARTS], warm[SEARCHES];
    AUTO_FREE float *query = xmalloc(dim * sizeof *query);
    random_vector(photos * 2, dim, query);
    for (size_t i = 0; i < STARTS; i++) {
        AUTO(store) *store = NULL;
        double start = clock_seconds();
        must(store_open(gallery, STORE_READ, &store, &err), &err);
        opened[i] = clock_seconds() - start;
        must(store_search(store, query, 5, NULL, hits, &count, &err), &err);
        first[i] = clock_seconds() - start;
        for (size_t j = 0; i == 0 && j < SEARCHES; j++) {
            random_vector(photos * 2 + j, dim, query);
            start = clock_seconds();
            must(store_search(store, query, 5, NULL, hits, &count, &err), &err);
            warm[j] = clock_seconds() - start;
        }
    }
    printf("search %7zu x %zu: open %.2f ms, open and first search %.1f ms, later ones %.2f ms\n",
           photos, dim, 1000 * median(opened, STARTS), 1000 * median(first, STARTS),
           1000 * median(warm, SEARCHES));
}

static int count_file(void *context, const struct store_file *file)
{
    int64_t *count = context;
    *count += !file->failed;
    return 0;
}

/* What an index run asks before it looks at the folders. */
static void list(const char *gallery, size_t photos)
{
    struct error err;
    AUTO(store) *store = NULL;
    int64_t count = 0;
    double start = clock_seconds();
    must(store_open(gallery, STORE_READ, &store, &err), &err);
    must(store_list_files(store, "/home/someone/Pictures", count_file, &count, &err), &err);
    printf("list   %7zu: %.1f ms\n", photos, 1000 * (clock_seconds() - start));
}

static void remove_gallery(const char *gallery)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        AUTO_FREE char *name = xasprintf("%s%s", gallery, suffixes[i]);
        unlink(name);
    }
}

int main(int argc, char **argv)
{
    size_t photos = argc > 1 ? strtoull(argv[1], NULL, 10) : 31783;
    size_t dim = argc > 2 ? strtoull(argv[2], NULL, 10) : 512;
    AUTO_FREE char *gallery =
        xasprintf("%s/keepsake-bench-%d.db", argc > 3 ? argv[3] : "/tmp", (int)getpid());
    fill(gallery, photos, dim, 16);
    remove_gallery(gallery);
    fill(gallery, photos, dim, 256);
    search(gallery, photos, dim);
    list(gallery, photos);
    remove_gallery(gallery);
    return 0;
}
