/* SPDX-License-Identifier: MIT */
/* `keepsake doctor`: prints the problems found in a gallery. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cage/cage.h"
#include "cli/command.h"
#include "cli/libraries.h"
#include "cli/meter.h"
#include "cli/output.h"
#include "clip/background.h"
#include "clip/clip.h"
#include "doctor/doctor.h"

struct diagnosis {
    struct meter meter;
    json_t *checks; /* NULL: print lines for people */
    size_t count, bad;
};

static void on_finding(void *context, const struct store_finding *finding)
{
    static const char *const words[] = {
        [STORE_GOOD] = "ok", [STORE_WARNING] = "warn", [STORE_BAD] = "BAD"};
    static const char *const names[] = {
        [STORE_GOOD] = "ok", [STORE_WARNING] = "warning", [STORE_BAD] = "bad"};
    struct diagnosis *d = context;
    meter_clear(&d->meter);
    d->count++;
    d->bad += finding->verdict == STORE_BAD;
    if (d->checks) {
        json_t *check = json_object();
        output_set_text(check, "check", finding->check);
        json_object_set_new(check, "verdict", json_string(names[finding->verdict]));
        output_set_text(check, "message", finding->sentence);
        json_array_append_new(d->checks, check);
        return;
    }
    printf("%-5s %-11s ", words[finding->verdict], finding->check);
    output_text(finding->sentence);
    putchar('\n');
    output_flush();
}

static void on_progress(void *context, int64_t done, int64_t total)
{
    struct diagnosis *d = context;
    AUTO_FREE char *line = meter_line("vectors", done, total, 0, -1, 0);
    meter_show(&d->meter, line);
}

/* Finds the installed model that the gallery names, in the form that the gallery records. */
static int find_model(struct context *context, struct clip **ret_clip,
                      struct store_model *ret_model, struct error *err)
{
    struct model_choice choice = {0};
    struct clip *clip = NULL;
    int rc = context_find_model(context, &choice, err);
    if (!rc)
        rc = clip_open(choice.folder, NULL, &clip, err);
    if (!rc) {
        *ret_clip = clip;
        *ret_model = (struct store_model){.preprocessing = CLIP_PREPROCESSING_VERSION,
                                          .dim = (int)clip_dim(clip)};
        text_copy(ret_model->id, sizeof ret_model->id, choice.id);
        text_copy(ret_model->fingerprint, sizeof ret_model->fingerprint, clip_fingerprint(clip));
    }
    model_choice_release(&choice);
    return rc;
}

/* Reports how far decoders are confined on this machine: the only place that does. */
static void check_decoders(struct diagnosis *d)
{
    struct error err = ERROR_INIT;
    unsigned walls = 0;
    int rc = cage_examine(&walls, &err);
    AUTO_FREE char *missing = cage_missing_walls(walls);
    AUTO_FREE char *sentence =
        rc ? xstrdup(err.message)
        : walls == CAGE_ALL
            ? xstrdup("confined: without files, network and programs (seccomp, Landlock)")
            : xasprintf("not fully confined: they run in a process of their own, but with %s; "
                        "--require-cage would refuse to decode",
                        missing);
    struct store_finding finding = {"decoders",
                                    rc                  ? STORE_BAD
                                    : walls == CAGE_ALL ? STORE_GOOD
                                                        : STORE_WARNING,
                                    sentence};
    on_finding(d, &finding);
}

/* Reports whether searches find the model's weights ready for use. */
static void check_cache(struct diagnosis *d, struct clip *clip)
{
    static const char *const sentences[] = {
        [CLIP_CACHE_GOOD] = "the model's weights are ready for use in the cache folder",
        [CLIP_CACHE_DAMAGED] = "the file of the model's ready-packed weights in the cache folder "
                               "was damaged, so searches may have had wrong results; it was "
                               "deleted, and the next search makes it again",
        [CLIP_CACHE_NONE] = "the cache folder cannot be written to, or its disk is full, so each "
                            "search prepares the model's weights again, which takes several "
                            "times as long (docs/cache.md)"};
    struct error err = ERROR_INIT;
    enum clip_cache cache = CLIP_CACHE_NONE;
    int rc = clip_examine_cache(clip, &cache, &err);
    struct store_finding finding = {"cache",
                                    !rc && cache == CLIP_CACHE_GOOD ? STORE_GOOD : STORE_WARNING,
                                    rc ? err.message : sentences[cache]};
    on_finding(d, &finding);
}

static void print_json(const struct context *context, struct diagnosis *d)
{
    AUTO_FREE char *gallery = context_name(context->settings.gallery);
    json_t *line = json_object();
    json_object_set_new(line, "healthy", json_boolean(d->bad == 0));
    output_set_text(line, "gallery", gallery);
    json_object_set_new(line, "checks", d->checks);
    output_json(line);
}

static int run_doctor(struct context *context, const void *chosen,
                      const struct argument_list *operands, struct error *err)
{
    (void)chosen;
    if (operands->count > 0)
        return command_misuse(&command_doctor, "doctor takes no arguments");
    int rc = context_examine_gallery(context, err);
    if (rc)
        return rc;
    struct diagnosis d = {.checks = context->settings.json ? json_array() : NULL};
    struct store_model model;
    struct error no_model = ERROR_INIT, no_texts;
    struct library libraries[LIBRARIES_MAX];
    struct doctor_options options = {.each = on_finding,
                                     .progress = on_progress,
                                     .context = &d,
                                     .no_model = no_model.message,
                                     .libraries = libraries,
                                     .library_count = libraries_list(libraries)};
    AUTO(clip) *clip = NULL;
    if (find_model(context, &clip, &model, &no_model) == 0)
        options.model = &model;
    if (clip && clip_background(clip, &options.texts, &no_texts) == 0)
        options.text_count = CLIP_BACKGROUND_TEXTS;
    meter_init(&d.meter, context->settings.quiet);
    doctor_run(context->store, &options);
    if (clip)
        check_cache(&d, clip);
    check_decoders(&d);
    meter_clear(&d.meter);
    if (d.checks)
        print_json(context, &d);
    if (d.bad == 0)
        return STATUS_DONE;
    return error_set(err, ERR_CORRUPT, "the gallery is not healthy: %zu of %zu findings are bad",
                     d.bad, d.count);
}

static const struct example examples[] = {
    {"keepsake doctor", "check the gallery"},
    {"keepsake doctor --json", "the same for a monitoring program"},
    {NULL, NULL},
};

const struct command command_doctor = {
    .name = "doctor",
    .summary = "check the gallery for damage and measure the recall of its search",
    .usage = "",
    .description =
        "Checks the gallery without changing it: the integrity of the file or the server's "
        "tables, whether the gallery's model is installed with the same weights, whether every "
        "photo has a valid vector, and how many of the nearest photos a search finds "
        "(recall@10, compared with brute force, with the gallery's own vectors, and then "
        "with texts, as queries). It "
        "lists failed files by reason, counts photos whose files are missing, and reports "
        "libraries with known vulnerabilities. It reads all vectors, which takes seconds for "
        "100,000 photos.\n\n"
        "Each finding is one line: ok, warn or BAD. The exit status is 0 if no finding is BAD. "
        "BAD are: damage, photos without a vector, vectors of a wrong size or length, a missing "
        "or different model, a search that fails, and an exact one with a recall below 0.95. "
        "Warnings are: an approximate vector index with a lower recall (0.90 for texts), a "
        "version of pgvector that may damage the index, "
        "failed or missing files, little free disk space, vulnerable libraries, damaged weights in "
        "the cache folder or none, and an index "
        "that the next `keepsake index` will rebuild.\n\n"
        "With --json: one object with healthy, gallery and checks, an array of objects with "
        "check, verdict (ok, warning or bad) and message.",
    .examples = examples,
    .run = run_doctor,
};
