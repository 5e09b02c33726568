/* SPDX-License-Identifier: MIT */
/* What the cage costs: whole index runs with pictures decoded in workers and in this process,
 * taking turns; the medians of both, and of their ratios, in time and in processor time (which
 * other work on the machine disturbs less).
 *
 *     bench_cage FOLDER [MODEL [RUNS]] */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/omp_reexec.h"
#include "cage/cage.h"
#include "indexer/indexer.h"

#define MOST_RUNS 100

static bool in_process;

int cage_bench_decode(const void *data, size_t size, const struct decode_options *options,
                      struct image **ret_image, struct photo_facts *ret_facts, struct error *err)
{
    return image_decode(data, size, options, ret_image, ret_facts, err);
}

bool cage_bench_here(void)
{
    return in_process;
}

static void check(int rc, const struct error *err)
{
    if (!rc)
        return;
    fprintf(stderr, "bench_cage: %s\n", err->message);
    exit(1);
}

static void remove_gallery(const char *db)
{
    static const char *const endings[] = {"",        "-wal",        "-shm",
                                          ".thumbs", ".thumbs-wal", ".thumbs-shm"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        AUTO_FREE char *path = xasprintf("%s%s", db, endings[i]);
        unlink(path);
    }
}

struct cost {
    double seconds, processor; /* a photo */
};

/* Of this process, and of the workers that have ended. */
static double processor_seconds(void)
{
    struct rusage own, workers;
    getrusage(RUSAGE_SELF, &own);
    getrusage(RUSAGE_CHILDREN, &workers);
    const struct timeval *all[] = {&own.ru_utime, &own.ru_stime, &workers.ru_utime,
                                   &workers.ru_stime};
    double sum = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        sum += (double)all[i]->tv_sec + (double)all[i]->tv_usec / 1e6;
    return sum;
}

static struct cost index_once(struct clip *clip, const char *folder, bool thumbnails, bool here)
{
    AUTO_FREE char *db = xasprintf("/tmp/bench_cage.%d.db", (int)getpid());
    AUTO(store) *store = NULL;
    AUTO(thumbs) *thumbs = NULL;
    struct index_options options = {0};
    struct index_report report = {0};
    struct error err = ERROR_INIT;
    in_process = here;
    remove_gallery(db);
    check(store_open(db, STORE_WRITE, &store, &err), &err);
    if (thumbnails)
        check(thumbs_open(db, 0, &thumbs, &err), &err);
    options.thumbs = thumbs;
    double before = processor_seconds();
    check(index_run(store, clip, "bench", &folder, 1, &options, &report, &err), &err);
    double processor = processor_seconds() - before;
    remove_gallery(db);
    return (struct cost){report.seconds / (double)report.found, processor / (double)report.found};
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, by_value);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static void compare(const char *what, double *here, double *caged, int n)
{
    double ratios[MOST_RUNS];
    for (int i = 0; i < n; i++)
        ratios[i] = caged[i] / here[i];
    double h = median(here, n), c = median(caged, n);
    printf("  %-9s in this process %.3f ms a photo, in the cage %.3f ms (%+.1f %%); median of %d "
           "ratios %+.1f %%\n",
           what, 1e3 * h, 1e3 * c, 100 * (c / h - 1), n, 100 * (median(ratios, n) - 1));
}

static void bench(struct clip *clip, const char *folder, bool thumbnails, int runs)
{
    double seconds[2][MOST_RUNS], processor[2][MOST_RUNS]; /* in the cage, here */
    index_once(clip, folder, thumbnails, true);            /* the files into memory */
    for (int i = 0; i < 2 * runs; i++) {
        int here = (i + i / 2) % 2; /* each is first as often as the other */
        struct cost cost = index_once(clip, folder, thumbnails, here);
        seconds[here][i / 2] = cost.seconds;
        processor[here][i / 2] = cost.processor;
    }
    printf("thumbnails %s\n", thumbnails ? "yes" : "no");
    compare("time", seconds[1], seconds[0], runs);
    compare("processor", processor[1], processor[0], runs);
}

int main(int n_args, char **args)
{
    omp_reexec_passive();
    AUTO(clip) *clip = NULL;
    struct error err = ERROR_INIT;
    int runs = n_args > 3 ? (int)strtol(args[3], NULL, 10) : 9;
    if (n_args < 2 || runs < 1 || runs > MOST_RUNS) {
        fprintf(stderr, "usage: bench_cage FOLDER [MODEL [RUNS]]\n");
        return 2;
    }
    check(clip_open(n_args > 2 ? args[2] : "models/mini", NULL, &clip, &err), &err);
    bench(clip, args[1], false, runs);
    bench(clip, args[1], true, runs);
    return 0;
}
