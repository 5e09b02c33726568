/* SPDX-License-Identifier: MIT */
/* Where the time of `keepsake search WORDS` goes, from exec to exit, with everything in the page
 * cache:
 *
 *     build/release/bench/bench_cold PROGRAM GALLERY MODEL [RUNS]
 *
 * Whole commands are measured from outside: wall time, processor time and peak memory. The parts
 * are measured in this program, in processor time, each time in a new process, so that nothing is
 * warm but the page cache. What starting the program costs is measured with `PROGRAM help`. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "clip/background.h"
#include "clip/clip_internal.h"
#include "store/store.h"

#define QUERY "a dog"

enum { TOP = 5, RUNS_MAX = 1000 };

enum part { MAP, TOKENISE, TEXT, AGAIN, BACKGROUND, OPEN, SEARCH, SEARCH_AGAIN, PARTS };

static const char *const part_names[PARTS] = {"map the model and its tokenizer",
                                              "tokenise",
                                              "text tower",
                                              "(the same again, warm)",
                                              "vectors for the strength",
                                              "open the gallery",
                                              "load the codes, scan, rescore",
                                              "(the same again, warm)"};

static void must(int rc, const struct error *err)
{
    if (!rc)
        return;
    fprintf(stderr, "bench_cold: %s\n", err->message);
    exit(1);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, by_value);
    return values[n / 2];
}

/* Milliseconds of processor time of this process; it computes with one thread. */
static double used_ms(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return 1e3 * (double)used.tv_sec + (double)used.tv_nsec / 1e6;
}

/* Milliseconds used since *at, which becomes now. */
static double lap(double *at)
{
    double now = used_ms(), passed = now - *at;
    *at = now;
    return passed;
}

static void measure_text(const char *model, double *ret_ms, float **ret_vector, struct clip **ret)
{
    struct error err = ERROR_INIT;
    int32_t ids[77];
    size_t n_ids;
    bool truncated;
    const float *background;
    double at = used_ms();
    must(clip_open(model, NULL, ret, &err), &err);
    ret_ms[MAP] = lap(&at);
    must(tokenizer_encode((*ret)->tokenizer, QUERY, 77, ids, &n_ids, &truncated, &err), &err);
    ret_ms[TOKENISE] = lap(&at);
    *ret_vector = xmalloc(clip_dim(*ret) * sizeof **ret_vector);
    must(clip_embed_ids(*ret, ids, n_ids, *ret_vector, &err), &err);
    ret_ms[TEXT] = lap(&at);
    must(clip_embed_ids(*ret, ids, n_ids, *ret_vector, &err), &err);
    ret_ms[AGAIN] = lap(&at);
    must(clip_background(*ret, &background, &err), &err);
    ret_ms[BACKGROUND] = lap(&at);
}

static void measure_parts(const char *gallery, const char *model, double *ret_ms)
{
    struct error err = ERROR_INIT;
    struct store_hit hits[TOP];
    size_t count;
    AUTO_FREE float *vector = NULL;
    AUTO(clip) *clip = NULL;
    AUTO(store) *store = NULL;
    measure_text(model, ret_ms, &vector, &clip);
    double at = used_ms();
    must(store_open(gallery, STORE_READ, &store, &err), &err);
    ret_ms[OPEN] = lap(&at);
    must(store_search(store, vector, TOP, NULL, hits, &count, &err), &err);
    ret_ms[SEARCH] = lap(&at);
    must(store_search(store, vector, TOP, NULL, hits, &count, &err), &err);
    ret_ms[SEARCH_AGAIN] = lap(&at);
}

/* In a process of its own. */
static void run_parts(const char *gallery, const char *model, double *ret_ms)
{
    int ends[2], status;
    if (pipe(ends))
        BUG("no pipe");
    pid_t child = fork();
    if (child == 0) {
        measure_parts(gallery, model, ret_ms);
        ssize_t written = write(ends[1], ret_ms, PARTS * sizeof *ret_ms);
        _exit(written < 0);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], ret_ms, PARTS * sizeof *ret_ms);
    close(ends[0]);
    if (waitpid(child, &status, 0) < 0 || status || got != (ssize_t)(PARTS * sizeof *ret_ms))
        exit(1);
}

struct whole {
    double wall_ms[RUNS_MAX], cpu_ms[RUNS_MAX];
    long peak_kb;
};

/* Runs a command, and notes what it took as number `run`. */
static void run_whole(const char *const *command, struct whole *whole, int run)
{
    int status;
    struct rusage use;
    double at = clock_seconds();
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        execv(command[0], (char *const *)(uintptr_t)command);
        _exit(127);
    }
    if (wait4(child, &status, 0, &use) < 0 || status) {
        fprintf(stderr, "bench_cold: %s %s fails\n", command[0], command[1]);
        exit(1);
    }
    whole->wall_ms[run] = 1e3 * (clock_seconds() - at);
    whole->cpu_ms[run] = 1e3 * (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
                         (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e3;
    whole->peak_kb = use.ru_maxrss > whole->peak_kb ? use.ru_maxrss : whole->peak_kb;
}

static void print_whole(const char *what, struct whole *whole, int runs)
{
    printf("  %-34s %7.1f ms wall, %6.1f ms processor, %5.1f MB\n", what,
           median(whole->wall_ms, runs), median(whole->cpu_ms, runs),
           (double)whole->peak_kb / 1024);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: bench_cold PROGRAM GALLERY MODEL [RUNS]\n");
        return 2;
    }
    int runs = argc > 4 ? atoi(argv[4]) : 31;
    runs = runs < 1 ? 1 : runs > RUNS_MAX ? RUNS_MAX : runs;
    const char *program = argv[1], *gallery = argv[2], *model = argv[3];
    const char *search[] = {program, "-q",     "--gallery", gallery, "--model",
                            model,   "search", QUERY,       NULL};
    const char *help[] = {program, "help", NULL};
    static struct whole searches, starts, ignored;
    static double ms[PARTS][RUNS_MAX];
    run_whole(search, &ignored, 0);
    for (int i = 0; i < runs; i++) { /* alternately, so that other work disturbs all alike */
        double parts[PARTS];
        run_whole(search, &searches, i);
        run_whole(help, &starts, i);
        run_parts(gallery, model, parts);
        for (int part = 0; part < PARTS; part++)
            ms[part][i] = parts[part];
    }
    printf("search \"%s\", median of %d:\n", QUERY, runs);
    print_whole("exec to exit", &searches, runs);
    print_whole("of which start and end (help)", &starts, runs);
    for (int part = 0; part < PARTS; part++)
        printf("  %-34s %18s %6.2f ms processor\n", part_names[part], "", median(ms[part], runs));
    return 0;
}
