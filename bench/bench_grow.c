/* SPDX-License-Identifier: MIT */
/* Grows a gallery of real photos to any number of rows, for measuring what serves it: each new row
 * has a path and date of its own, the vector of a real photo with noise, that photo's content hash
 * (so that its thumbnail is there), and a position of its own (so that it is no copy of another
 * row).
 *
 *     build/release/bench/bench_grow GALLERY PHOTOS */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "store/store.h"

enum { BATCH = 500, SEEDS_MAX = 1000, YEARS = 12 };

struct seeds {
    struct store *store;
    size_t dim, count;
    int64_t ids[SEEDS_MAX];
    uint8_t hashes[SEEDS_MAX][HASH_BYTES];
    float *vectors; /* [count][dim] */
};

static void must(int rc, const struct error *err)
{
    if (!rc)
        return;
    fprintf(stderr, "bench_grow: %s\n", err->message);
    exit(1);
}

static int add_seed(void *context, const struct store_file *file)
{
    struct seeds *seeds = context;
    if (file->failed)
        return 0;
    seeds->ids[seeds->count] = file->id;
    memcpy(seeds->hashes[seeds->count++], file->hash, HASH_BYTES);
    return seeds->count == SEEDS_MAX;
}

static double random_unit(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 0x1p53;
}

static void add_noise(const float *seed, size_t dim, uint64_t *state, float *ret_vector)
{
    double sum = 0, size = 1 / sqrt((double)dim);
    for (size_t i = 0; i < dim; i++) {
        ret_vector[i] = seed[i] + (float)((2 * random_unit(state) - 1) * size);
        sum += (double)ret_vector[i] * ret_vector[i];
    }
    for (size_t i = 0; i < dim; i++)
        ret_vector[i] = (float)(ret_vector[i] / sqrt(sum));
}

static void add_batch(const struct seeds *seeds, size_t first, size_t n, uint64_t *state)
{
    static struct store_change changes[BATCH];
    static struct photo_facts facts[BATCH];
    static char paths[BATCH][64];
    struct error err;
    AUTO_FREE float *vectors = xmalloc(n * seeds->dim * sizeof *vectors);
    for (size_t i = 0; i < n; i++) {
        size_t number = first + i, seed = number % seeds->count, day = number * 7 % (YEARS * 336);
        facts[i] = (struct photo_facts){.format = "jpeg", .width = 500, .height = 333};
        snprintf(paths[i], sizeof paths[i], "/photos/%04zu/IMG_%07zu.jpg", number / 1000, number);
        snprintf(facts[i].taken, sizeof facts[i].taken, "%04zu-%02zu-%02zuT12:%02zu:%02zu",
                 2012 + day / 336, day % 336 / 28 + 1, day % 28 + 1, number / 60 % 60, number % 60);
        add_noise(seeds->vectors + seed * seeds->dim, seeds->dim, state, vectors + i * seeds->dim);
        changes[i] = (struct store_change){.kind = STORE_ADD,
                                           .path = paths[i],
                                           .position = (int)number + 1,
                                           .size = 100000,
                                           .mtime_ns = 1,
                                           .hash = seeds->hashes[seed],
                                           .facts = &facts[i],
                                           .vector = vectors + i * seeds->dim};
    }
    must(store_apply(seeds->store, changes, n, &err), &err);
}

int main(int argc, char **argv)
{
    static struct seeds seeds;
    struct error err;
    struct store_model model;
    struct store_status status;
    if (argc != 3) {
        fprintf(stderr, "usage: bench_grow GALLERY PHOTOS\n");
        return 2;
    }
    size_t wanted = strtoul(argv[2], NULL, 10);
    must(store_open(argv[1], STORE_WRITE, &seeds.store, &err), &err);
    must(store_get_model(seeds.store, &model, &err), &err);
    must(store_status(seeds.store, &status, &err), &err);
    int rc = store_list_files(seeds.store, NULL, add_seed, &seeds, &err);
    must(rc < 0 ? rc : 0, &err);
    seeds.dim = (size_t)model.dim;
    seeds.vectors = xmalloc((seeds.count + 1) * seeds.dim * sizeof *seeds.vectors);
    for (size_t i = 0; i < seeds.count; i++)
        must(store_get_vector(seeds.store, seeds.ids[i], seeds.vectors + i * seeds.dim, &err),
             &err);
    uint64_t state = 1;
    for (size_t at = (size_t)status.photos; seeds.count > 0 && at < wanted; at += BATCH)
        add_batch(&seeds, at, wanted - at < BATCH ? wanted - at : BATCH, &state);
    free(seeds.vectors);
    store_close(seeds.store);
    return 0;
}
