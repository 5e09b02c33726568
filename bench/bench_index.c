/* SPDX-License-Identifier: MIT */
/* Photos a second of a whole index run, by number of decode threads, and the time of a run that
 * finds nothing changed; with thumbnails and without.
 *
 *     bench_index FOLDER [MODEL [THREADS...]] */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/omp_reexec.h"
#include "indexer/indexer.h"

static void check(int rc, const struct error *err)
{
    if (!rc)
        return;
    fprintf(stderr, "bench_index: %s\n", err->message);
    exit(1);
}

static struct index_report run(const char *db, struct clip *clip, const char *folder, int threads,
                               bool thumbnails)
{
    AUTO(store) *store = NULL;
    AUTO(thumbs) *thumbs = NULL;
    struct index_options options = {.decode_threads = threads};
    struct index_report report = {0};
    struct error err = ERROR_INIT;
    check(store_open(db, STORE_WRITE, &store, &err), &err);
    if (thumbnails)
        check(thumbs_open(db, 0, &thumbs, &err), &err);
    options.thumbs = thumbs;
    check(index_run(store, clip, "bench", &folder, 1, &options, &report, &err), &err);
    return report;
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

static void bench(struct clip *clip, const char *folder, int threads, bool thumbnails)
{
    AUTO_FREE char *db = xasprintf("/tmp/bench_index.%d.db", (int)getpid());
    double fastest = 1e9, unchanged = 1e9;
    struct index_report report = {0};
    for (int i = 0; i < 3; i++) {
        remove_gallery(db);
        report = run(db, clip, folder, threads, thumbnails);
        fastest = report.seconds < fastest ? report.seconds : fastest;
        double again = run(db, clip, folder, threads, thumbnails).seconds;
        unchanged = again < unchanged ? again : unchanged;
    }
    remove_gallery(db);
    printf("decode threads %2d, thumbnails %s: %lld photos, %lld failed, %.3f s, %.1f photos/s; "
           "unchanged %.4f s\n",
           threads, thumbnails ? "yes" : "no", (long long)(report.added + report.copied),
           (long long)report.failed, fastest, (double)report.found / fastest, unchanged);
}

int main(int n_args, char **args)
{
    omp_reexec_passive();
    AUTO(clip) *clip = NULL;
    struct error err = ERROR_INIT;
    if (n_args < 2) {
        fprintf(stderr, "usage: bench_index FOLDER [MODEL [THREADS...]]\n");
        return 2;
    }
    check(clip_open(n_args > 2 ? args[2] : "models/mini", NULL, &clip, &err), &err);
    for (int i = 3; i < n_args || i == 3; i++) {
        int threads = i < n_args ? (int)strtol(args[i], NULL, 10) : 0;
        bench(clip, args[1], threads, false);
        bench(clip, args[1], threads, true);
    }
    return 0;
}
