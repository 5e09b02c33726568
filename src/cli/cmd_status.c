/* SPDX-License-Identifier: MIT */
/* `keepsake status`: prints the contents of a gallery, the failed files and those left out. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "forms/forms.h"
#include "indexer/exclusions.h"
#include "indexer/unread.h"
#include "store/folders.h"
#include "thumbs/thumbs.h"

struct status_options {
    bool failures, damaged;
};

static const struct option_spec options[] = {
    {.name = "failures",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct status_options, failures),
     .help = "list the files that could not be indexed, with the reasons"},
    {.name = "damaged",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct status_options, damaged),
     .help = "list damaged photos, with the kind of damage"},
    {.name = NULL},
};

struct failure_list {
    const struct context *context;
    size_t count;
};

static int print_failure(void *context, const struct store_failure *failure)
{
    struct failure_list *list = context;
    list->count++;
    if (list->context->settings.json) {
        output_json(form_failure(failure));
    } else {
        output_text(failure->path);
        fputs(": ", stdout);
        output_text(failure->reason);
        putchar('\n');
    }
    return output_is_broken();
}

static int print_failures(struct context *context, struct error *err)
{
    struct failure_list list = {context, 0};
    int rc = store_list_failures(context->store, print_failure, &list, err);
    if (rc == 0 && list.count == 0)
        context_note(context, "no file failed");
    return rc > 0 ? STATUS_DONE : rc; /* > 0: the reader closed the pipe */
}

static int print_damage(void *context, const char *path, const char *damage)
{
    struct failure_list *list = context;
    list->count++;
    if (list->context->settings.json) {
        output_json(form_damage(path, damage));
    } else {
        output_text(path);
        fputs(": ", stdout);
        output_text(damage);
        putchar('\n');
    }
    return output_is_broken();
}

static int print_damaged(struct context *context, struct error *err)
{
    struct failure_list list = {context, 0};
    int rc = store_list_damaged(context->store, print_damage, &list, err);
    if (rc == 0 && list.count == 0)
        context_note(context, "no photo is damaged");
    return rc > 0 ? STATUS_DONE : rc; /* > 0: the reader closed the pipe */
}

static int print_absence(void *context, const struct store_absence *absence)
{
    char since[32];
    (void)context;
    fputs("not reachable ", stdout);
    output_text(absence->path);
    printf(" since %.10s, with %" PRId64 " %s (`keepsake index --gone` drops what is gone)\n",
           clock_format_local(since, sizeof since, absence->since), absence->files,
           absence->files == 1 ? "photo" : "photos");
    return output_is_broken();
}

/* The files in the folders that are not part of the gallery. */
struct leaving_out {
    json_t *patterns; /* of --exclude */
    int64_t unread[NAME_UNREAD_KINDS];
};

static int find_left_out(struct store *store, struct leaving_out *ret_left, struct error *err)
{
    int rc = exclusions_count_unread(store, ret_left->unread, err);
    return rc ? rc : exclusions_list(store, &ret_left->patterns, err);
}

static void print_left_out(const struct leaving_out *left)
{
    size_t i;
    json_t *pattern;
    AUTO_FREE char *unread = unread_sentence(left->unread);
    if (unread)
        printf("not read     %s\n", unread);
    json_array_foreach(left->patterns, i, pattern)
    {
        fputs("left out     ", stdout);
        output_text(json_string_value(pattern));
        puts(i ? "" : " (`keepsake index --exclude-none` removes the patterns)");
    }
}

static int print_json(const struct context *context, const struct store_status *s,
                      const struct thumbs_status *thumbs, struct error *err)
{
    json_t *line;
    AUTO_FREE char *gallery = context_name(context->settings.gallery);
    int rc = form_status(context->store, s, gallery, thumbs, &line, err);
    if (!rc)
        output_json(line);
    return rc;
}

static void print_people(const struct context *context, const struct store_status *s,
                         const struct thumbs_status *thumbs)
{
    char bytes[32], changed[32];
    AUTO_FREE char *gallery = context_name(context->settings.gallery);
    fputs("gallery      ", stdout);
    output_text(gallery);
    printf(" (%s, format %d, %s)\n", s->kind, s->schema_version,
           text_bytes(bytes, sizeof bytes, (uint64_t)s->bytes));
    fputs("model        ", stdout);
    if (s->bound) {
        output_text(s->model.id);
        printf(" (%d numbers a photo%s%s)\n", s->model.dim,
               s->model.arithmetic[0] ? ", computed in " : "", s->model.arithmetic);
    } else {
        puts("none yet");
    }
    printf("photos       %" PRId64 "\n", s->photos);
    printf("failed       %" PRId64 "%s\n", s->failed,
           s->failed ? " (see `keepsake status --failures`)" : "");
    if (s->waiting)
        printf("waiting      %" PRId64 " for a vector (`keepsake index --missing` reads %s)\n",
               s->waiting, s->waiting == 1 ? "its file" : "their files");
    if (s->damaged)
        printf("damaged      %" PRId64 " (`keepsake status --damaged` says what is wrong)\n",
               s->damaged);
    printf("albums       %" PRId64 "\n", s->albums);
    printf("labels       %" PRId64 "\n", s->labels);
    printf("never send   %" PRId64 " %s\n", s->rules, s->rules == 1 ? "rule" : "rules");
    printf("ledger       %" PRId64 " %s\n", s->ledger_entries,
           s->ledger_entries == 1 ? "entry" : "entries");
    printf("thumbnails   %" PRId64 " (%s)\n", thumbs->count,
           text_bytes(bytes, sizeof bytes, (uint64_t)thumbs->bytes));
    printf("last change  %s\n",
           s->last_change ? clock_format_local(changed, sizeof changed, s->last_change) : "never");
}

static void print_models(json_t *models)
{
    size_t i;
    json_t *model;
    json_array_foreach(models, i, model)
    {
        if (json_is_true(json_object_get(model, "in_use")))
            continue;
        fputs("also has     vectors of ", stdout);
        output_text(json_string_value(json_object_get(model, "model")));
        printf(" for %lld photos (`keepsake model use` changes the model)\n",
               (long long)json_integer_value(json_object_get(model, "pictures")));
    }
}

static void print_signals(json_t *signals)
{
    size_t i;
    json_t *signal;
    json_array_foreach(signals, i, signal)
    {
        fputs("signal       ", stdout);
        output_text(json_string_value(json_object_get(signal, "kind")));
        printf(" %lld: %lld photos have it",
               (long long)json_integer_value(json_object_get(signal, "version")),
               (long long)json_integer_value(json_object_get(signal, "pictures")));
        if (json_integer_value(json_object_get(signal, "lacking")))
            printf(", %lld lack it (`keepsake index` computes it)",
                   (long long)json_integer_value(json_object_get(signal, "lacking")));
        if (json_integer_value(json_object_get(signal, "failed")))
            printf(", for %lld it cannot be computed",
                   (long long)json_integer_value(json_object_get(signal, "failed")));
        putchar('\n');
    }
}

static int print_computed(struct store *store, struct error *err)
{
    AUTO_JSON *models = NULL;
    AUTO_JSON *signals = NULL;
    int rc = form_signals(store, &models, &signals, err);
    if (rc)
        return rc;
    print_models(models);
    print_signals(signals);
    return 0;
}

static int print_all(const struct context *context, const struct store_status *s,
                     const struct thumbs_status *thumbs, struct error *err)
{
    struct leaving_out left = {NULL, {0}};
    if (context->settings.json)
        return print_json(context, s, thumbs, err);
    int rc = find_left_out(context->store, &left, err);
    if (!rc) {
        print_people(context, s, thumbs);
        rc = print_computed(context->store, err);
    }
    if (!rc) {
        print_left_out(&left);
        rc = store_list_absences(context->store, print_absence, NULL, err);
    }
    json_decref(left.patterns);
    return rc;
}

static int run_status(struct context *context, const void *chosen,
                      const struct argument_list *operands, struct error *err)
{
    const struct status_options *o = chosen;
    if (operands->count > 0)
        return command_misuse(&command_status, "status takes no arguments");
    int rc = context_open_gallery(context, STORE_READ, err);
    if (rc)
        return rc;
    if (o->failures)
        return print_failures(context, err);
    if (o->damaged)
        return print_damaged(context, err);
    struct store_status status;
    rc = store_status(context->store, &status, err);
    if (rc)
        return rc;
    struct thumbs_status thumbs = {0, 0};
    struct error problem = ERROR_INIT;
    if (thumbs_status(context->settings.gallery, &thumbs, &problem))
        context_note(context, "%s", problem.message);
    rc = print_all(context, &status, &thumbs, err);
    return rc > 0 ? STATUS_DONE : rc; /* > 0: the reader closed the pipe */
}

static const struct example examples[] = {
    {"keepsake status", "numbers of photos, and the model"},
    {"keepsake status --failures", "failed files, with the reasons"},
    {NULL, NULL},
};

const struct command command_status = {
    .name = "status",
    .summary = "show what is in the gallery, and which files failed",
    .usage = "\n--failures\n--damaged",
    .description =
        "With --json: one object with version, gallery, store, schema, photos, failed, damaged, "
        "bytes, last_change, model, dim, labels, albums, rules, ledger_entries, thumbnails, "
        "thumbnail_bytes, arithmetic, models (those with vectors in the gallery, each with model, "
        "fingerprint, preprocessing, dim, arithmetic, in_use, pictures and lacking), signals "
        "(results computed from pixels, each with kind, model, version, pictures, failed and "
        "lacking), not_reachable (folders that the last index run could not reach, each "
        "with folder, since and photos), excluded (the patterns of index --exclude), "
        "unread_files and unread_kinds (files of unsupported kinds in the indexed folders); "
        "with --failures one object per file with path, reason and bytes; with --damaged one "
        "object per photo with path and damage.",
    .examples = examples,
    .options = options,
    .options_size = sizeof(struct status_options),
    .run = run_status,
};
