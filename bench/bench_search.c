/* SPDX-License-Identifier: MIT */
/* How long an exact search takes, and how near it comes to what the memory can deliver.
 *
 *     bench_search [ROWS...]          default 31783 100000 1000000 (2.7 GB)
 *
 * The rates and the comparisons are of the best of each, so that other programs on the machine
 * disturb them least.
 *
 * Rows are real CLIP image vectors (../shared, or $KEEPSAKE_SHARED) with noise, queries real text
 * vectors; random clusters when those are not there. In the same run: the time to read the same
 * bytes and do nothing, brute force over the float32 rows with the same number of threads, and the
 * rate of many concurrent searches. */
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "bench_random.h"
#include "kernels/scan.h"
#include "vectors/vectors.h"

#define HUGE_PAGE ((size_t)2 << 20)

enum { DIM = 512, K = 10, QUERIES = 100, MAX_THREADS = 16, SEARCHERS = 16 };

struct workload {
    const float *images, *texts; /* [n_images][DIM], [n_texts][DIM] */
    size_t n_images, n_texts;
    const char *origin;
    float *rows; /* [n][DIM] */
    size_t n;
    _Atomic size_t fetched;
};

/* Four values of mean 0 and deviation `deviation` from 64 random bits. */
static void add_noise(float *v, float deviation)
{
    uint64_t r = next_random();
    for (int i = 0; i < 4; i++)
        v[i] += deviation * ((float)((r >> (16 * i)) & 0xFFFF) / 18918.0f - 1.7320508f);
}

static void normalise(float *v)
{
    double length = sqrt(vectors_score(v, v, DIM));
    for (size_t i = 0; i < DIM; i++)
        v[i] = (float)(v[i] / length);
}

/* A seed vector with a quarter of its length of noise: as alike as photos of one scene. */
static void fill_row(const struct workload *w, float *row)
{
    const float *seed = w->images + next_random() % w->n_images * DIM;
    memcpy(row, seed, DIM * sizeof *row);
    for (size_t i = 0; i < DIM; i += 4)
        add_noise(row + i, 0.25f / 22.6f);
    normalise(row);
}

static float *random_seeds(size_t n)
{
    float *seeds = xcalloc(n * DIM, sizeof *seeds);
    for (size_t i = 0; i < n * DIM; i += 4)
        add_noise(seeds + i, 1);
    for (size_t i = 0; i < n; i++)
        normalise(seeds + i * DIM);
    return seeds;
}

static const float *read_vectors(const char *name, size_t *ret_n)
{
    const char *shared = getenv("KEEPSAKE_SHARED");
    AUTO_FREE char *folder =
        file_join(shared ? shared : "../shared", "reference/real-clip-vectors");
    AUTO_FREE char *path = file_join(folder, name);
    struct file f;
    if (file_read(path, (size_t)64 << 20, &f, NULL))
        return NULL;
    *ret_n = f.size / (DIM * sizeof(float));
    return (const float *)(const void *)f.data;
}

static void choose_seeds(struct workload *w)
{
    w->images = read_vectors("images.f32", &w->n_images);
    w->texts = read_vectors("texts.f32", &w->n_texts);
    w->origin = "real CLIP image vectors with noise, real text queries";
    if (w->images && w->texts)
        return;
    w->n_images = w->n_texts = 1000;
    w->images = random_seeds(w->n_images);
    w->texts = random_seeds(w->n_texts);
    w->origin = "random clusters, random queries";
}

static int fetch(void *context, int64_t id, float *ret_vector, struct error *err)
{
    struct workload *w = context;
    (void)err;
    w->fetched++;
    memcpy(ret_vector, w->rows + (size_t)id * DIM, DIM * sizeof *ret_vector);
    return 0;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* ---- the two yardsticks, on all processors ---- */

struct part {
    const float *rows, *query;
    size_t n;
    double result;
    void (*work)(struct part *p);
};

/* Touches every cache line of n * DIM floats, asking as far ahead as the kernels do. */
static void read_part(struct part *p)
{
    const uint64_t *words = (const uint64_t *)(const void *)p->rows;
    uint64_t sum = 0;
    for (size_t i = 0; i < p->n * DIM / 2; i += 8) {
        __builtin_prefetch((const char *)((uintptr_t)(words + i) + SCAN_AHEAD_BYTES));
        sum += words[i];
    }
    p->result = (double)sum;
}

/* The best float32 dot product; 32 sums keep the adders busy. */
static void brute_part(struct part *p)
{
    float best = -INFINITY;
    for (size_t r = 0; r < p->n; r++) {
        float sum[32] = {0}, total = 0;
        for (size_t i = 0; i < DIM; i += 32)
            for (size_t j = 0; j < 32; j++)
                sum[j] += p->rows[r * DIM + i + j] * p->query[i + j];
        for (size_t j = 0; j < 32; j++)
            total += sum[j];
        best = fmaxf(best, total);
    }
    p->result = (double)best;
}

static void *run_part(void *context)
{
    struct part *p = context;
    p->work(p);
    return NULL;
}

static size_t processor_count(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > MAX_THREADS ? MAX_THREADS : (size_t)n;
}

/* Seconds, the best of several runs. */
static double time_parts(void (*work)(struct part *p), const float *rows, size_t n,
                         const float *query, int runs)
{
    size_t threads = processor_count();
    volatile double used = 0;
    double best = INFINITY;
    for (int run = 0; run < runs; run++) {
        struct part parts[MAX_THREADS];
        pthread_t ids[MAX_THREADS];
        double start = clock_seconds();
        for (size_t t = 0; t < threads; t++) {
            size_t first = n * t / threads;
            parts[t] =
                (struct part){rows + first * DIM, query, n * (t + 1) / threads - first, 0, work};
            if (pthread_create(&ids[t], NULL, run_part, &parts[t]))
                exit(1);
        }
        for (size_t t = 0; t < threads; t++) {
            pthread_join(ids[t], NULL);
            used += parts[t].result;
        }
        best = fmin(best, clock_seconds() - start);
    }
    (void)used;
    return best;
}

/* ---- one size ---- */

static void search(struct workload *w, const struct vectors *v, size_t number)
{
    const float *query = w->texts + number * 7 % w->n_texts * DIM;
    struct vectors_source source = {w, fetch, NULL};
    struct vectors_hit hits[K];
    size_t count;
    struct error err;
    if (vectors_search(v, query, K, &source, NULL, hits, &count, &err)) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
}

static void measure(struct workload *w, const struct vectors *v, double *ret_best,
                    double *ret_median, double *ret_p99, double *ret_fetched)
{
    double times[QUERIES];
    w->fetched = 0;
    for (size_t q = 0; q < QUERIES; q++) {
        double start = clock_seconds();
        search(w, v, q);
        times[q] = clock_seconds() - start;
    }
    qsort(times, QUERIES, sizeof *times, compare_doubles);
    *ret_best = times[0];
    *ret_median = times[QUERIES / 2];
    *ret_p99 = times[QUERIES * 99 / 100];
    *ret_fetched = (double)w->fetched / QUERIES;
}

struct searcher {
    struct workload *w;
    const struct vectors *v;
    size_t number;
    pthread_t thread;
};

static void *search_on(void *context)
{
    struct searcher *s = context;
    for (size_t q = 0; q < QUERIES / 4; q++)
        search(s->w, s->v, s->number * 31 + q);
    return NULL;
}

/* Searches a second by SEARCHERS threads, each beginning the next when it has its hits. */
static double measure_together(struct workload *w, const struct vectors *v)
{
    struct searcher searchers[SEARCHERS];
    double start = clock_seconds();
    for (size_t i = 0; i < SEARCHERS; i++) {
        searchers[i] = (struct searcher){w, v, i, 0};
        if (pthread_create(&searchers[i].thread, NULL, search_on, &searchers[i]))
            exit(1);
    }
    for (size_t i = 0; i < SEARCHERS; i++)
        pthread_join(searchers[i].thread, NULL);
    return SEARCHERS * (QUERIES / 4) / (clock_seconds() - start);
}

static void bench(struct workload *w, size_t n)
{
    AUTO(vectors) *v = vectors_new(DIM);
    w->n = n;
    size_t bytes = (n * DIM * sizeof *w->rows + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    w->rows = aligned_alloc(HUGE_PAGE, bytes);
    if (!w->rows || madvise(w->rows, bytes, MADV_HUGEPAGE))
        fprintf(stderr, "no huge pages: the yardsticks are slower than they could be\n");
    double start = clock_seconds();
    for (size_t r = 0; r < n; r++)
        fill_row(w, w->rows + r * DIM);
    double made = clock_seconds();
    for (size_t r = 0; r < n; r++)
        vectors_add(v, (int64_t)r, w->rows + r * DIM);
    double added = clock_seconds();
    double best, median, p99, fetched;
    measure(w, v, &best, &median, &p99, &fetched);
    double together = measure_together(w, v);
    int runs = n > 500000 ? 5 : 20;
    double code_bytes = (double)n * DIM, float_bytes = 4 * code_bytes;
    /* The same number of bytes as the codes have, from the float32 rows. */
    double reading = time_parts(read_part, w->rows, n / 4, w->texts, 40);
    double brute = time_parts(brute_part, w->rows, n, w->texts, runs);
    printf("%8zu rows: %.3f ms best, %.3f median, %.3f p99; %.1f GB/s, reading alone %.1f GB/s "
           "(%.0f %% of that)\n",
           n, 1e3 * best, 1e3 * median, 1e3 * p99, code_bytes / best / 1e9,
           code_bytes / reading / 1e9, 100 * reading / best);
    printf("%14s float32 brute force %.3f ms (%.1f GB/s), %.1f times as long; %.0f rows rescored "
           "a query; %.1f us to add a row\n",
           "", 1e3 * brute, float_bytes / brute / 1e9, brute / best, fetched,
           1e6 * (added - made) / (double)n);
    printf("%14s %d in parallel: %.0f a second, %.1f times as many as one after the other\n", "",
           SEARCHERS, together, together * median);
    fprintf(stderr, "%zu rows made in %.1f s\n", n, made - start);
    free(w->rows);
}

int main(int argc, char **argv)
{
    static const size_t usual[] = {31783, 100000, 1000000};
    struct workload w = {0};
    choose_seeds(&w);
    printf("vectors of %d, k = %d, %d queries, kernels %s, %zu processors; %s\n", DIM, K, QUERIES,
           cpu_level_name(cpu_level()), processor_count(), w.origin);
    for (size_t i = 0; argc == 1 && i < sizeof usual / sizeof *usual; i++)
        bench(&w, usual[i]);
    for (int i = 1; i < argc; i++) {
        long n = strtol(argv[i], NULL, 10);
        if (n < K) {
            fprintf(stderr, "usage: bench_search [ROWS...]   (each at least %d)\n", K);
            return 2;
        }
        bench(&w, (size_t)n);
    }
    free((void *)(uintptr_t)w.images);
    free((void *)(uintptr_t)w.texts);
    return 0;
}
