/* SPDX-License-Identifier: MIT */
/* Shared by `keepsake export` and `keepsake import`: progress, report, and the comparison of
 * galleries. */
#include "cli/copying.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "cli/interrupt.h"
#include "cli/output.h"

static void on_progress(void *context, int64_t done, int64_t total)
{
    struct copying *c = context;
    AUTO_FREE char *line = meter_line("files", done, total, 0, -1, 0);
    meter_show(&c->meter, line);
}

static void on_note(void *context, const char *path, const char *sentence)
{
    struct copying *c = context;
    meter_clear(&c->meter);
    output_error("%s is left out: %s", path, sentence);
}

static bool on_cancelled(void *context)
{
    (void)context;
    return interrupt_requested();
}

struct transfer_options copying_start(struct copying *c, bool quiet)
{
    meter_init(&c->meter, quiet);
    interrupt_catch();
    return (struct transfer_options){
        .progress = on_progress, .note = on_note, .cancelled = on_cancelled, .context = c};
}

void copying_end(struct copying *c)
{
    meter_clear(&c->meter);
}

static void print_count(int64_t n, const char *one, const char *many)
{
    if (n)
        printf(", %" PRId64 " %s", n, n == 1 ? one : many);
}

void copying_print(const char *verb, const struct transfer_report *r)
{
    printf("%s %" PRId64 " %s", verb, r->photos, r->photos == 1 ? "photo" : "photos");
    if (r->failures)
        printf(" and %" PRId64 " failed %s", r->failures, r->failures == 1 ? "file" : "files");
    if (r->left_out)
        printf(", %" PRId64 " left out", r->left_out);
    print_count(r->labels, "label", "labels");
    print_count(r->rules, "never-send rule", "never-send rules");
    print_count(r->albums, "album", "albums");
    print_count(r->entries, "ledger entry", "ledger entries");
}

json_t *copying_json(const char *file, const struct transfer_report *r)
{
    json_t *line = json_object();
    output_set_text(line, "file", file);
    json_object_set_new(line, "photos", json_integer(r->photos));
    json_object_set_new(line, "failures", json_integer(r->failures));
    json_object_set_new(line, "left_out", json_integer(r->left_out));
    json_object_set_new(line, "kept", json_integer(r->kept));
    json_object_set_new(line, "labels", json_integer(r->labels));
    json_object_set_new(line, "rules", json_integer(r->rules));
    json_object_set_new(line, "albums", json_integer(r->albums));
    json_object_set_new(line, "ledger_entries", json_integer(r->entries));
    json_object_set_new(line, "signals", json_integer(r->signals));
    return line;
}

bool copying_is_gallery(const struct context *context, const char *file)
{
    const char *gallery = context->settings.gallery;
    struct stat a, b;
    if (strcmp(gallery, file) == 0)
        return true;
    return stat(gallery, &a) == 0 && stat(file, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}
