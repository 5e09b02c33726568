/* SPDX-License-Identifier: MIT */
/* `keepsake index`: its options, its progress and its report. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/omp_reexec.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/index_adopt.h"
#include "cli/interrupt.h"
#include "cli/meter.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/thumbnails.h"
#include "forms/forms.h"
#include "indexer/indexer.h"
#include "indexer/missing_rows.h"
#include "indexer/unread.h"
#include "store/missing.h"

struct index_command_options {
    const char *index, *metric, *storage, *quantize;
    struct argument_list index_options;
    bool dry_run, thumbnails, no_thumbnails;
    bool gone, reread, retry_failed, exclude_none, again, missing, watch;
    struct argument_list exclude;
    const char *adopt, *relative_to;
};

static const char *const index_kinds[] = {"auto",    "none",     "hnsw", "ivfflat",
                                          "diskann", "vchordrq", NULL};
static const char *const metrics[] = {"cosine", "l2", "ip", NULL};
static const char *const quantizations[] = {"none", "halfvec", "bit", NULL};
static const char *const storages[] = {"vector", "halfvec", NULL};

#define AT(field) offsetof(struct index_command_options, field)

static const struct option_spec option_specs[] = {
    {.name = "no-thumbnails",
     .kind = OPTION_FLAG,
     .offset = AT(no_thumbnails),
     .help = "make no thumbnails of the photos that are indexed"},
    {.name = "thumbnails",
     .kind = OPTION_FLAG,
     .offset = AT(thumbnails),
     .help = "also make missing thumbnails of photos already in the gallery"},
    {.name = "gone",
     .kind = OPTION_FLAG,
     .offset = AT(gone),
     .help = "remove missing photos from the gallery, even if their folder is unreachable"},
    {.name = "reread",
     .kind = OPTION_FLAG,
     .offset = AT(reread),
     .help = "read every file again, even if it is unchanged"},
    {.name = "retry-failed",
     .kind = OPTION_FLAG,
     .offset = AT(retry_failed),
     .help = "try failed files again"},
    {.name = "again",
     .kind = OPTION_FLAG,
     .offset = AT(again),
     .help = "PostgreSQL: add photos again that another program deleted from the table"},
    {.name = "missing",
     .kind = OPTION_FLAG,
     .offset = AT(missing),
     .help = "PostgreSQL: fill the rows without a vector that other programs inserted"},
    {.name = "watch",
     .kind = OPTION_FLAG,
     .offset = AT(watch),
     .help = "with --missing: wait for more of them, until Ctrl-C"},
    {.name = "exclude",
     .kind = OPTION_LIST,
     .offset = AT(exclude),
     .value = "GLOB",
     .help = "exclude files and folders with this name or path, also in later runs; may be "
             "repeated"},
    {.name = "exclude-none",
     .kind = OPTION_FLAG,
     .offset = AT(exclude_none),
     .help = "forget the exclusions of earlier runs"},
    {.name = "vector-index",
     .kind = OPTION_CHOICE,
     .offset = AT(index),
     .value = "KIND",
     .help = "PostgreSQL: auto, none (exact), hnsw, ivfflat, diskann or vchordrq",
     .choices = index_kinds},
    {.name = "vector-quantize",
     .kind = OPTION_CHOICE,
     .offset = AT(quantize),
     .value = "TYPE",
     .help = "PostgreSQL: what an hnsw index is built from: none, halfvec (half the memory) or bit",
     .choices = quantizations},
    {.name = "vector-option",
     .kind = OPTION_LIST,
     .offset = AT(index_options),
     .value = "NAME=N",
     .help =
         "PostgreSQL: a number of that index, such as ef_search=800 or m=auto; may be repeated"},
    {.name = "vector-metric",
     .kind = OPTION_CHOICE,
     .offset = AT(metric),
     .value = "METRIC",
     .help = "PostgreSQL: distance of the index: cosine, l2 or ip",
     .choices = metrics},
    {.name = "vector-storage",
     .kind = OPTION_CHOICE,
     .offset = AT(storage),
     .value = "TYPE",
     .help = "PostgreSQL, new gallery: vector or halfvec (half the size, rounded)",
     .choices = storages},
    {.name = "adopt",
     .kind = OPTION_OPTIONAL,
     .offset = AT(adopt),
     .value = "'TABLE(KEY, PATH, VECTOR)'",
     .is_value = index_adopt_is_table,
     .help =
         "PostgreSQL: make a gallery of a table made by hand, image_gallery(id, path, embedding)"
         " if none is named, keeping its rows; without a PATH, only say what would be done"},
    {.name = "dry-run",
     .kind = OPTION_FLAG,
     .offset = AT(dry_run),
     .help = "with --adopt: say what would be done to the table, and change nothing"},
    {.name = "relative-to",
     .kind = OPTION_TEXT,
     .offset = AT(relative_to),
     .value = "FOLDER",
     .help = "with --adopt: the folder that the table's relative paths start from",
     .complete = COMPLETE_FILES},
    {.name = NULL},
};

/* The index of `name` in a list, from 1, as in the enums of store.h; 0 if not given. */
static int place_in(const char *const *list, const char *name)
{
    for (int i = 0; name && list[i]; i++)
        if (strcmp(list[i], name) == 0)
            return i + 1;
    return 0;
}

static void on_progress(void *context, const struct index_progress *now)
{
    struct meter *meter = context;
    AUTO_FREE char *line = NULL;
    if (interrupt_requested())
        line = xstrdup("stopping after the photos in progress");
    else if (now->walking)
        line = xasprintf("looking for photos, %" PRId64 " found", now->report.found);
    else if (now->waiting)
        line = xasprintf("waiting for %" PRId64 " photos that other processes are indexing",
                         now->waiting);
    else
        line = meter_line("photos", now->done, now->total, now->photos_per_second,
                          now->seconds_left, now->report.failed);
    meter_show(meter, line);
}

static void on_note(void *context, const char *path, const char *sentence)
{
    meter_clear(context);
    if (path && !strstr(sentence, path))
        output_error("%s: %s", path, sentence);
    else
        output_error("%s", sentence);
}

static bool on_cancelled(void *context)
{
    (void)context;
    return interrupt_requested();
}

static void print_people(const struct index_report *r)
{
    const struct {
        const char *words;
        int64_t count;
    } counts[] = {
        {"added", r->added},
        {"updated", r->updated},
        {"moved", r->moved},
        {"copied", r->copied},
        {"removed", r->removed},
        {"with new times only", r->touched},
        {"unchanged", r->unchanged},
        {"failed", r->failed},
        {"failed before", r->failed_before},
        {"deleted by other programs", r->dropped},
        {"done by other processes", r->by_others},
        {r->unreadable_folders == 1 ? "unreadable folder" : "unreadable folders",
         r->unreadable_folders},
        {"not reachable", r->not_reachable},
        {r->signals == 1 ? "missing signal computed" : "missing signals computed", r->signals},
    };
    printf("%" PRId64 " %s", r->found, r->found == 1 ? "photo" : "photos");
    const char *between = ": ";
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (counts[i].count == 0)
            continue;
        printf("%s%" PRId64 " %s", between, counts[i].count, counts[i].words);
        between = ", ";
    }
    char duration[32];
    printf(" (%s)\n", text_duration(duration, sizeof duration, r->seconds));
    AUTO_FREE char *unread = unread_sentence(r->unread);
    if (unread)
        puts(unread);
}

static int status_of(const struct context *context, const struct index_report *r, bool missing)
{
    if (r->found == 0 && r->unreadable_folders == 0 && !missing)
        context_note(
            context,
            "no file there has the name of a photo (.jpg, .png, .heic and so on), or begins "
            "as one does");
    if (r->failed + r->failed_before > 0)
        context_note(context, "`keepsake status --failures` says which files failed and why");
    /* A scheduled run fails only on new problems. */
    return r->failed + r->unreadable_folders + r->newly_not_reachable > 0 ? STATUS_PARTLY
                                                                          : STATUS_DONE;
}

/* Sets 0 if KEEPSAKE_LEASE is not set. */
static int read_lease(double *ret_seconds, struct error *err)
{
    const char *text = getenv("KEEPSAKE_LEASE");
    char *end;
    *ret_seconds = 0;
    if (!text || !*text)
        return 0;
    double seconds = strtod(text, &end);
    if (*end || !(seconds > 0 && seconds <= STORE_LONGEST_LEASE_S))
        return error_set(err, ERR_INVALID,
                         "KEEPSAKE_LEASE is \"%s\": set it to a number of seconds up to %g, or not "
                         "at all",
                         text, STORE_LONGEST_LEASE_S);
    *ret_seconds = seconds;
    return 0;
}

/* A "~/" that the shell left unexpanded inside quotation marks also means the home folder. */
static char **list_patterns(const struct argument_list *list)
{
    char **patterns = xcalloc(list->count + 1, sizeof *patterns);
    for (size_t i = 0; i < list->count; i++)
        patterns[i] = path_expand_home(list->items[i].text);
    return patterns;
}

/* Tells whether --model names another model than the one in use: then photos get vectors of it
 * beside those in use. A model of the environment or config file never does that. */
static bool is_other_model(struct context *context, struct store_model *ret_used)
{
    return context->settings.model_is_given &&
           store_get_model(context->store, ret_used, NULL) == 0 &&
           strcmp(ret_used->id, context->choice.id) != 0 &&
           strcmp(ret_used->fingerprint, clip_fingerprint(context->clip)) != 0;
}

/* `used` is the model in use, if the run was for another one. */
static void print_report(const struct context *context, const struct store_model *used,
                         const struct index_report *report, bool interrupted)
{
    const char *id = context->choice.id;
    if (context->settings.json)
        output_json(form_index_report(report, interrupted));
    else if (!used)
        print_people(report);
    else
        printf("%" PRId64 " %s a vector of %s now\n", report->signals,
               report->signals == 1 ? "more photo has" : "more photos have", id);
    if (used)
        context_note(context,
                     "the gallery's model is %s, and stays so: `keepsake model use %s` changes it; "
                     "new photos are added by an index run with %s",
                     used->id, id, used->id);
}

static int run_paths(struct context *context, const char *const *paths, size_t n, bool missing,
                     bool is_other, const struct index_options *options,
                     struct index_report *report, struct error *err)
{
    const char *id = context->choice.id;
    if (missing)
        return index_missing_rows(context->store, context->clip, id, options, report, err);
    return (is_other ? index_other_model : index_run)(context->store, context->clip, id, paths, n,
                                                      options, report, err);
}

static int finish_paths(struct context *context, const char *const *paths, size_t n,
                        const struct index_command_options *o, bool is_other,
                        const struct index_report *report, struct error *err)
{
    int rc = is_other ? 0 : store_tend_index(context->store, err);
    if (!rc && o->thumbnails && context->thumbs)
        rc = thumbnails_fill(context, paths, n, err);
    return rc || is_other ? rc : status_of(context, report, o->missing);
}

static int index_paths(struct context *context, const char *const *paths, size_t n,
                       const struct index_command_options *o, struct error *err)
{
    struct meter meter;
    meter_init(&meter, context->settings.quiet);
    double lease_s;
    int rc = read_lease(&lease_s, err);
    if (rc)
        return rc;
    AUTO_FREE char **excluded = list_patterns(&o->exclude);
    struct index_options options = {.decode_threads = (int)context->settings.threads,
                                    .thumbs = context->thumbs,
                                    .gone_is_deleted = o->gone,
                                    .reread = o->reread,
                                    .retry_failed = o->retry_failed,
                                    .again = o->again,
                                    .excluded = (const char *const *)excluded,
                                    .n_excluded = o->exclude.count,
                                    .forget_excluded = o->exclude_none,
                                    .lease_s = lease_s,
                                    .progress = on_progress,
                                    .note = on_note,
                                    .cancelled = on_cancelled,
                                    .context = &meter};
    struct index_report report = {0};
    struct store_model used;
    bool is_other = !o->missing && is_other_model(context, &used);
    interrupt_catch();
    rc = run_paths(context, paths, n, o->missing, is_other, &options, &report, err);
    for (size_t i = 0; i < o->exclude.count; i++)
        free(excluded[i]);
    meter_clear(&meter);
    if (rc && rc != ERR_CANCELLED)
        return rc;
    if (o->watch && !rc && report.found == report.failed_before) /* no new row */
        return STATUS_DONE;
    print_report(context, is_other ? &used : NULL, &report, rc == ERR_CANCELLED);
    if (rc == ERR_CANCELLED)
        return error_set(err, rc,
                         "interrupted; completed work is in the gallery, and the same command "
                         "continues it");
    return finish_paths(context, paths, n, o, is_other, &report, err);
}

/* Runs before the gallery is created: a mistyped path must not leave an empty one behind. With
 * --gone, the gallery knows the missing paths. */
static int check_paths(const struct argument_list *paths, bool missing_too, struct error *err)
{
    for (size_t i = 0; i < paths->count; i++) {
        const char *path = paths->items[i].text;
        if (!path[0])
            return error_set(err, ERR_INVALID,
                             "cannot index a path: its name is empty; give "
                             "the path of a photo or folder");
        if (access(path, F_OK) < 0 && !(missing_too && (errno == ENOENT || errno == ENOTDIR)))
            return error_errno(err, errno, "cannot index %s", path);
    }
    return 0;
}

/* Returns the words with spaces between them; NULL if there are none. The caller frees it. */
static char *join_options(const struct argument_list *list)
{
    char *joined = NULL;
    for (size_t i = 0; i < list->count; i++) {
        char *longer =
            xasprintf("%s%s%s", joined ? joined : "", joined ? " " : "", list->items[i].text);
        free(joined);
        joined = longer;
    }
    return joined;
}

static int open_gallery(struct context *context, const struct index_command_options *o,
                        struct error *err)
{
    AUTO_FREE char *numbers = join_options(&o->index_options);
    struct store_options options = {
        .index = (enum store_index_kind)place_in(index_kinds, o->index),
        .metric = (enum store_metric)place_in(metrics, o->metric),
        .storage = (enum store_storage)place_in(storages, o->storage),
        .quantize = (enum store_quantize)place_in(quantizations, o->quantize),
        .index_options = numbers,
    };
    int rc = o->adopt ? index_adopt(context, o->adopt, o->relative_to, false, err) : 0;
    return rc ? rc : context_make_gallery(context, &options, err);
}

/* A path that does not exist is written as the gallery stores it. */
static char **list_paths(const struct argument_list *operands)
{
    char **paths = xcalloc(operands->count, sizeof *paths);
    for (size_t i = 0; i < operands->count; i++) {
        const char *path = operands->items[i].text;
        paths[i] = access(path, F_OK) < 0 ? path_resolve(path) : xstrdup(path);
    }
    return paths;
}

/* Returns a sentence about options that do not go together, or NULL. */
static const char *misuse_of(const struct index_command_options *o, size_t paths)
{
    if (o->dry_run && !o->adopt)
        return "--dry-run goes with --adopt";
    if (o->relative_to && !o->adopt)
        return "--relative-to goes with --adopt";
    if (o->watch && !o->missing)
        return "--watch goes with --missing";
    if (o->missing && (paths || o->adopt))
        return "--missing takes no PATH: it reads the files of the rows, wherever they are";
    if (paths == 0 && !o->adopt && !o->missing)
        return "index needs the PATH of a photo or folder";
    if (o->thumbnails && o->no_thumbnails)
        return "--thumbnails and --no-thumbnails exclude each other";
    return NULL;
}

/* The time after which rows are looked for although the server has told of none. */
#define WATCH_S 3600.0

/* Fills rows until it is interrupted. The result is that of the runs, of which one may have had
 * failures. */
static int watch_missing(struct context *context, const struct index_command_options *o,
                         struct error *err)
{
    int status = STATUS_DONE;
    bool told;
    int rc = store_wait_missing(context->store, 0, &told, err); /* to be told from now on */
    context_note(context, "waiting for rows without a vector; Ctrl-C ends");
    while (!rc) {
        rc = index_paths(context, NULL, 0, o, err);
        fflush(stdout);
        if (rc == STATUS_PARTLY)
            status = STATUS_PARTLY;
        if (rc >= 0)
            rc = store_wait_missing(context->store, WATCH_S, &told, err);
        if (rc == ERR_CANCELLED)
            return status;
    }
    return rc;
}

static int run_index(struct context *context, const void *chosen,
                     const struct argument_list *operands, struct error *err)
{
    const struct index_command_options *o = chosen;
    const char *misuse = misuse_of(o, operands->count);
    if (misuse)
        return command_misuse(&command_index, "%s", misuse);
    omp_reexec_passive();
    int rc = check_paths(operands, o->gone, err);
    if (!rc)
        rc = context_open_model(context, err);
    if (!rc && o->adopt && (o->dry_run || operands->count == 0))
        return index_adopt(context, o->adopt, o->relative_to, true, err);
    if (!rc)
        rc = open_gallery(context, o, err);
    if (rc)
        return rc;
    if (!o->no_thumbnails)
        thumbnails_open(context);
    if (o->watch)
        return watch_missing(context, o, err);
    AUTO_FREE char **paths = list_paths(operands);
    rc = index_paths(context, (const char *const *)paths, operands->count, o, err);
    for (size_t i = 0; i < operands->count; i++)
        free(paths[i]);
    return rc;
}

static const struct example examples[] = {
    {"keepsake index ~/Pictures", "add a folder, or update it"},
    {"keepsake --gallery trip.db index ~/Pictures/2019-*", "use a separate gallery"},
    {"keepsake --gallery postgresql:///photos index --adopt 'photos(id, path, vec)'",
     "show what an existing table of vectors needs to become a gallery"},
    {NULL, NULL},
};

const struct command command_index = {
    .name = "index",
    .summary = "add photos to the gallery, or update it",
    .usage = "PATH...",
    .description =
        "Searches each PATH recursively and updates the gallery: new photos are added, changed "
        "photos are read again, renamed photos are recognised by their content, and photos that "
        "were deleted from disk are removed. Unchanged files are not opened, so a second run is "
        "quick. Photos are never written.\n\n"
        "The first run creates the gallery. Ctrl-C stops after the current batch and keeps all "
        "completed work (exit status 130); a second Ctrl-C stops immediately.\n\n"
        "Any number of processes, on one or several machines, may index into one gallery at the "
        "same time: they share the work, and each run ends when all its photos are in the "
        "gallery. Photos that a killed process was indexing are released to the others after a "
        "minute (KEEPSAKE_LEASE: seconds).\n\n"
        "Unreachable photos are not deleted: if a folder is missing or empty, or another disk "
        "is mounted there, its photos stay in the gallery as \"not reachable\". They can be "
        "searched, and are recognised when the folder is back. If you deleted them on purpose, "
        "use --gone or `keepsake forget`.\n\n"
        "--exclude GLOB excludes a name in any folder ('*.png', 'private/': a folder) or a path "
        "('2019/raw', '/media/card/*'; ** matches any folders). The gallery stores the pattern "
        "for all later runs, including those of `serve`, and photos that match it are removed "
        "from the gallery. `keepsake status` lists the patterns; --exclude-none removes them. A "
        "file .keepsakeignore in a folder has patterns for that folder, with the syntax of "
        ".gitignore.\n\n"
        "An edit that preserves a file's size and time is detected by its ctime and inode. "
        "--reread reads all files below PATH again in any case; photos keep their ids.\n\n"
        "A file that cannot be decoded is reported and recorded. It is tried again when it "
        "changes, or when the version of keepsake or of the codec changes, or with "
        "--retry-failed. The exit status is 3 if a file failed for the first time, if a folder "
        "could not be read, or if a folder became unreachable.\n\n"
        "In a PostgreSQL gallery, other programs may insert rows that have only a path. --missing "
        "reads their files and completes the rows; a file that cannot be read leaves its row "
        "unchanged, and `keepsake status --failures` has the reason. With --watch the command "
        "waits for further rows, which the server announces (through a connection pooler, it "
        "checks every 30 seconds), until Ctrl-C. Photos that another program deleted from the "
        "table are not added again while their files are unchanged, unless you give --again.\n\n"
        "If --model names another model than the gallery's, the photos of the gallery below PATH "
        "also get vectors of that model; `keepsake model use` then searches with it.\n\n"
        "Thumbnails for the web page are kept in GALLERY.thumbs. You may delete it at any time; "
        "missing thumbnails are made when they are first displayed.\n\n"
        "With --json: one object with found, added, updated, moved, copied, removed, touched, "
        "unchanged, failed, failed_before, dropped, by_others, unreadable_folders, not_reachable, "
        "not_reachable_folders, decoded, signals, signals_failed, unread_files, unread_kinds (how "
        "many of each), seconds "
        "and interrupted; with --thumbnails a second one "
        "with thumbnails_missing, thumbnails_made, "
        "thumbnails_failed and thumbnails_full.",
    .examples = examples,
    .options = option_specs,
    .options_size = sizeof(struct index_command_options),
    .operands = COMPLETE_FILES,
    .decodes = true,
    .run = run_index,
};
