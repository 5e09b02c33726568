/* SPDX-License-Identifier: MIT */
/* Makes and removes thumbnails for commands; failures become remarks. */
#include "cli/thumbnails.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/interrupt.h"
#include "cli/meter.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "thumbs/fill.h"

#define BYTES_PER_MB 1000000

void thumbnails_open(struct context *context)
{
    struct error problem = ERROR_INIT;
    if (thumbs_open(context->settings.gallery, context->settings.thumbnails_max * BYTES_PER_MB,
                    &context->thumbs, &problem))
        context_note(context, "thumbnails are not stored: %s", problem.message);
}

static void on_progress(void *context, const struct thumbs_fill_report *now)
{
    int64_t done = now->made + now->failed;
    double rate = now->seconds > 0 ? (double)done / now->seconds : 0;
    AUTO_FREE char *line =
        meter_line("thumbnails", done, now->missing, rate,
                   rate > 0 ? (double)(now->missing - done) / rate : -1, now->failed);
    meter_show(context, line);
}

static bool on_cancelled(void *context)
{
    (void)context;
    return interrupt_requested();
}

static void print_report(const struct context *context, const struct thumbs_fill_report *r)
{
    if (context->settings.json) {
        json_t *line = json_object();
        json_object_set_new(line, "thumbnails_missing", json_integer(r->missing));
        json_object_set_new(line, "thumbnails_made", json_integer(r->made));
        json_object_set_new(line, "thumbnails_failed", json_integer(r->failed));
        json_object_set_new(line, "thumbnails_full", json_boolean(r->is_full));
        output_json(line);
    } else {
        char duration[32];
        printf("thumbnails of %" PRId64 " photos made", r->made);
        if (r->failed)
            printf(", %" PRId64 " could not be made", r->failed);
        printf(" (%s)\n", text_duration(duration, sizeof duration, r->seconds));
    }
    if (r->is_full)
        context_note(context, "the thumbnail cache is full; increase --thumbnails-max");
}

int thumbnails_fill(struct context *context, const char *const *paths, size_t n, struct error *err)
{
    struct meter meter;
    meter_init(&meter, context->settings.quiet);
    struct thumbs_fill_options options = {.threads = (int)context->settings.threads,
                                          .progress = on_progress,
                                          .cancelled = on_cancelled,
                                          .context = &meter};
    struct thumbs_fill_report done;
    AUTO_FREE char **roots = xcalloc(n, sizeof *roots);
    for (size_t i = 0; i < n; i++)
        roots[i] = path_resolve(paths[i]);
    int rc = thumbs_fill(context->thumbs, context->store, (const char *const *)roots, n, &options,
                         &done, err);
    meter_clear(&meter);
    for (size_t i = 0; i < n; i++)
        free(roots[i]);
    if (!rc || rc == ERR_CANCELLED)
        print_report(context, &done);
    return rc;
}

static int remove_one(void *context, const struct store_file *file)
{
    struct error ignored;
    int rc = file->failed ? 0 : thumbs_remove(context, file->hash, &ignored);
    (void)rc;
    return 0;
}

void thumbnails_forget(struct context *context, const char *path)
{
    AUTO_FREE char *file = thumbs_path(context->settings.gallery);
    if (!file || access(file, F_OK) < 0)
        return;
    struct error problem = ERROR_INIT;
    if (!context->thumbs)
        thumbnails_open(context);
    if (context->thumbs &&
        store_list_files(context->store, path, remove_one, context->thumbs, &problem))
        context_note(context, "cannot remove their thumbnails: %s", problem.message);
}
