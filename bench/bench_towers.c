/* SPDX-License-Identifier: MIT */
/* Times the vision tower and plain matrix products, on request: bench/towers drives it.
 *
 *     bench_towers MODEL
 *
 * Reads lines from standard input and answers each with one line of JSON:
 *     vision f32|bf16 BATCH RUNS    {"median": and "best": seconds, "gflop": of one run}
 *     text f32|bf16 WORDS RUNS      the same for a text of so many words
 *     peak f32|bf16 SIZE RUNS       the same for a product of SIZE x SIZE matrices */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "clip/clip.h"
#include "clip/config.h"
#include "nn/matmul.h"
#include "nn/parallel.h"

struct bench {
    const char *folder;
    struct clip_config config;
    struct clip *clips[2]; /* f32, bf16: opened when first asked for */
    struct matmul_engine *engine;
};

struct request {
    char what[16], precision[16];
    size_t size;
    int runs;
};

static void check(int code, const struct error *err)
{
    if (!code)
        return;
    fprintf(stderr, "bench_towers: %s\n", err->message);
    exit(1);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

typedef void run_function(void *context);

struct timing {
    double median, best; /* seconds */
};

/* Runs once more than `runs`, the first not counted. */
static struct timing time_runs(run_function *run, void *context, int runs)
{
    double *seconds = xcalloc((size_t)runs, sizeof *seconds);
    run(context);
    for (int i = 0; i < runs; i++) {
        double start = clock_seconds();
        run(context);
        seconds[i] = clock_seconds() - start;
    }
    qsort(seconds, (size_t)runs, sizeof *seconds, by_size);
    struct timing timing = {seconds[runs / 2], seconds[0]};
    free(seconds);
    return timing;
}

static bool is_bf16(const struct request *request)
{
    return strcmp(request->precision, "bf16") == 0;
}

static struct clip *clip_of(struct bench *bench, const struct request *request)
{
    struct clip **clip = &bench->clips[is_bf16(request)];
    struct clip_options options = {is_bf16(request) ? CLIP_PRECISION_BF16 : CLIP_PRECISION_F32, 0};
    struct error err = ERROR_INIT;
    if (!*clip)
        check(clip_open(bench->folder, &options, clip, &err), &err);
    return *clip;
}

struct vision_run {
    struct clip *clip;
    float *pixels, *vectors;
    size_t n;
};

static void run_vision(void *context)
{
    struct vision_run *run = context;
    struct error err = ERROR_INIT;
    check(clip_embed_pixels(run->clip, run->pixels, run->n, run->vectors, &err), &err);
}

/* Multiplications and additions of one picture, as computed: the last layer makes keys and values
 * of all tokens and the rest of the class token only. */
static double vision_flop(const struct clip_config *config)
{
    double width = config->vision.width, mlp = config->vision.mlp_width;
    double grid = config->image_px / config->patch_px, tokens = grid * grid + 1;
    double patches = grid * grid * 3 * config->patch_px * config->patch_px * width;
    double token = 4 * width * width + 2 * width * mlp + 2 * tokens * width;
    double last = tokens * 2 * width * width + token - 2 * width * width;
    return 2 *
           (patches + (config->vision.layers - 1) * tokens * token + last + width * config->dim);
}

static struct timing time_vision(struct bench *bench, const struct request *request)
{
    struct vision_run run = {.clip = clip_of(bench, request), .n = request->size};
    size_t count = run.n * clip_pixel_count(run.clip);
    run.pixels = xmalloc(count * sizeof *run.pixels);
    run.vectors = xmalloc(run.n * clip_dim(run.clip) * sizeof *run.vectors);
    for (size_t i = 0; i < count; i++)
        run.pixels[i] = (float)(i * 2654435761u % 1000) / 500 - 1;
    struct timing timing = time_runs(run_vision, &run, request->runs);
    free(run.pixels);
    free(run.vectors);
    return timing;
}

struct text_run {
    struct clip *clip;
    char *text;
    float *vector;
};

static void run_text(void *context)
{
    struct text_run *run = context;
    struct error err = ERROR_INIT;
    check(clip_embed_text(run->clip, run->text, run->vector, NULL, &err), &err);
}

/* As vision_flop, for `tokens` tokens. A token sees half of them on average. */
static double text_flop(const struct clip_config *config, double tokens)
{
    double width = config->text.width, mlp = config->text.mlp_width;
    double token = 4 * width * width + 2 * width * mlp + tokens * width;
    double last = tokens * 2 * width * width + token - 2 * width * width + tokens * width;
    return 2 * ((config->text.layers - 1) * tokens * token + last + width * config->dim);
}

static struct timing time_text(struct bench *bench, const struct request *request)
{
    struct text_run run = {.clip = clip_of(bench, request), .text = xcalloc(request->size, 4)};
    run.vector = xmalloc(clip_dim(run.clip) * sizeof *run.vector);
    for (size_t i = 0; i < request->size; i++)
        memcpy(run.text + 4 * i, i + 1 < request->size ? "dog " : "dog", 4);
    struct timing timing = time_runs(run_text, &run, request->runs);
    free(run.text);
    free(run.vector);
    return timing;
}

struct peak_run {
    struct matmul *matmul;
    struct matmul_engine *engine;
    size_t rows;
    void *x, *y;
};

static void run_peak(void *context)
{
    struct peak_run *run = context;
    struct error err = ERROR_INIT;
    check(matmul_run(run->matmul, run->engine, run->rows, run->x, run->y, &err), &err);
}

static struct timing time_peak(struct bench *bench, const struct request *request)
{
    size_t size = request->size;
    enum value_type type = is_bf16(request) ? VALUE_BF16 : VALUE_F32;
    struct matmul_spec spec = {size, size, type, type, MATMUL_PLAIN, size};
    struct error err = ERROR_INIT;
    float *weight = xcalloc(size * size, sizeof *weight);
    struct peak_run run = {
        .rows = size, .x = xcalloc(size * size, 4), .y = xcalloc(size * size, 4)};
    for (size_t i = 0; i < size * size; i++) {
        weight[i] = (float)(i % 7) - 3;
        value_store(run.x, type, i, (float)(i % 5) - 2);
    }
    if (!bench->engine)
        check(matmul_engine_new(parallel_processors(), &bench->engine, &err), &err);
    run.engine = bench->engine;
    matmul_engine_enter(bench->engine);
    check(matmul_new(bench->engine, &spec, weight, false, NULL, &run.matmul, &err), &err);
    struct timing timing = time_runs(run_peak, &run, request->runs);
    matmul_free(run.matmul);
    free(weight);
    free(run.x);
    free(run.y);
    return timing;
}

static void answer(struct bench *bench, const struct request *request)
{
    double size = (double)request->size, flop;
    struct timing timing;
    if (strcmp(request->what, "vision") == 0) {
        timing = time_vision(bench, request);
        flop = size * vision_flop(&bench->config);
    } else if (strcmp(request->what, "text") == 0) {
        timing = time_text(bench, request);
        flop = text_flop(&bench->config, size + 2); /* start and end token */
    } else {
        timing = time_peak(bench, request);
        flop = 2 * size * size * size;
    }
    printf("{\"median\": %.9f, \"best\": %.9f, \"gflop\": %.4f}\n", timing.median, timing.best,
           flop / 1e9);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    struct bench bench = {.folder = argc > 1 ? argv[1] : "models/mini"};
    struct request request;
    char line[100];
    check(clip_config_read(bench.folder, &bench.config, &err), &err);
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "%15s %15s %zu %d", request.what, request.precision, &request.size,
                   &request.runs) != 4 ||
            request.runs < 1 || request.size < 1) {
            fprintf(stderr, "bench_towers: not understood: %s", line);
            return 2;
        }
        answer(&bench, &request);
    }
    clip_close(bench.clips[0]);
    clip_close(bench.clips[1]);
    matmul_engine_free(bench.engine);
    return 0;
}
