/* SPDX-License-Identifier: MIT */
/* `keepsake backup` and `keepsake restore`: copy a gallery's whole file. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/meter.h"
#include "cli/output.h"
#include "store/backup.h"

/* ---- shared output ---- */

static void on_progress(void *context, int64_t done, int64_t total)
{
    char now[32], all[32];
    AUTO_FREE char *line = xasprintf("%s of %s copied", text_bytes(now, sizeof now, (uint64_t)done),
                                     text_bytes(all, sizeof all, (uint64_t)total));
    meter_show(context, line);
}

static bool on_cancelled(void *context)
{
    (void)context;
    return interrupt_requested();
}

static struct store_backup_options start_backup(struct meter *meter, bool quiet, bool replace)
{
    meter_init(meter, quiet);
    interrupt_catch();
    return (struct store_backup_options){
        .replace = replace, .progress = on_progress, .cancelled = on_cancelled, .context = meter};
}

static void print_count(int64_t n, const char *one, const char *many)
{
    if (n)
        printf(", %" PRId64 " %s", n, n == 1 ? one : many);
}

static void print_counts(const char *verb, const struct store_backup_report *r)
{
    printf("%s %" PRId64 " %s", verb, r->photos, r->photos == 1 ? "photo" : "photos");
    print_count(r->failures, "failed file", "failed files");
    print_count(r->labels, "label", "labels");
    print_count(r->rules, "never-send rule", "never-send rules");
    print_count(r->albums, "album", "albums");
    print_count(r->ledger_entries, "ledger entry", "ledger entries");
}

static json_t *report_json(const char *file, const struct store_backup_report *r)
{
    json_t *line = json_object();
    output_set_text(line, "file", file);
    json_object_set_new(line, "photos", json_integer(r->photos));
    json_object_set_new(line, "failures", json_integer(r->failures));
    json_object_set_new(line, "labels", json_integer(r->labels));
    json_object_set_new(line, "rules", json_integer(r->rules));
    json_object_set_new(line, "albums", json_integer(r->albums));
    json_object_set_new(line, "ledger_entries", json_integer(r->ledger_entries));
    json_object_set_new(line, "bytes", json_integer(r->bytes));
    json_object_set_new(line, "damaged", json_integer(r->damaged));
    return line;
}

/* Returns the exit status. */
static int tell_damage(const struct store_backup_report *r)
{
    if (r->damaged == 0)
        return STATUS_DONE;
    output_error("%" PRId64 " %s as damaged there as in what was copied: %s%s", r->damaged,
                 r->damaged == 1 ? "row is" : "rows are", r->damage,
                 r->damaged == 1 ? "" : " (`keepsake doctor` names the others)");
    return STATUS_PARTLY;
}

/* ---- backup ---- */

struct backup_options {
    bool force;
};

static const struct option_spec backup_specs[] = {
    {.name = "force",
     .letter = 'f',
     .kind = OPTION_FLAG,
     .offset = offsetof(struct backup_options, force),
     .help = "replace FILE if it exists"},
    {.name = NULL},
};

static void report_backup(const struct context *context, const char *file,
                          const struct store_backup_report *r)
{
    char size[32];
    if (context->settings.json) {
        output_json(report_json(file, r));
        return;
    }
    print_counts("backed up", r);
    fputs(" to ", stdout);
    output_text(file);
    printf(" (%s)%s\n", text_bytes(size, sizeof size, (uint64_t)r->bytes),
           r->damaged ? "" : "; it is intact");
}

static int run_backup(struct context *context, const void *chosen,
                      const struct argument_list *operands, struct error *err)
{
    const struct backup_options *o = chosen;
    struct store_backup_report r;
    struct meter meter;
    if (operands->count != 1)
        return command_misuse(&command_backup, "backup needs one FILE to write");
    const char *file = operands->items[0].text;
    if (!store_is_file(file))
        return command_misuse(&command_backup,
                              "backup writes a file: give a file name, not an address");
    int rc = context_open_gallery(context, STORE_READ, err);
    if (rc)
        return rc;
    struct store_backup_options options = start_backup(&meter, context->settings.quiet, o->force);
    rc = store_backup(context->store, file, &options, &r, err);
    meter_clear(&meter);
    if (rc == ERR_CANCELLED)
        return error_set(err, rc, "interrupted; nothing was written to %s", file);
    if (rc)
        return rc;
    report_backup(context, file, &r);
    int status = tell_damage(&r);
    store_backup_report_release(&r);
    return status;
}

static const struct example backup_examples[] = {
    {"keepsake backup /media/disk/gallery.db", "make a consistent copy, even while others write"},
    {"keepsake restore /media/disk/gallery.db", "the way back"},
    {NULL, NULL},
};

const struct command command_backup = {
    .name = "backup",
    .summary = "copy the gallery's file and check the copy",
    .usage = "[--force] FILE",
    .description =
        "Writes an exact snapshot of the gallery to FILE: photos, vectors, failures, labels, "
        "never-send rules and the ledger. Other keepsake processes may read and write the "
        "gallery at the same time. The copy is checked before it is renamed to FILE: SQLite's "
        "integrity check, the tables, the number of rows, and the checksum of each row. Damaged "
        "rows are copied unchanged, the first one is reported, and the exit status is 3. FILE "
        "is never incomplete; an existing file is replaced only with --force. FILE is a gallery "
        "that --gallery can search. It contains neither the photos nor the thumbnails, which "
        "can be made again.\n\n"
        "Back up a gallery on a server with the server's pg_dump, or with `keepsake export`.\n\n"
        "With --json: one object with file, photos, failures, labels, rules, albums, "
        "ledger_entries, "
        "bytes and damaged, a number of rows.",
    .examples = backup_examples,
    .options = backup_specs,
    .options_size = sizeof(struct backup_options),
    .operands = COMPLETE_FILES,
    .run = run_backup,
};

/* ---- restore ---- */

struct restore_options {
    const char *to;
};

static const struct option_spec restore_specs[] = {
    {.name = "to",
     .kind = OPTION_TEXT,
     .value = "GALLERY",
     .offset = offsetof(struct restore_options, to),
     .help = "the file to create or replace (default: the gallery in use)",
     .complete = COMPLETE_FILES},
    {.name = NULL},
};

static void report_restore(const struct context *context, const char *where,
                           const struct store_backup_report *r)
{
    if (context->settings.json) {
        json_t *line = report_json(where, r);
        if (r->kept)
            output_set_text(line, "kept", r->kept);
        output_json(line);
        return;
    }
    print_counts("restored", r);
    fputs(" to ", stdout);
    output_text(where);
    putchar('\n');
    if (r->kept) {
        fputs("the replaced gallery is now ", stdout);
        output_text(r->kept);
        putchar('\n');
    }
}

static int run_restore(struct context *context, const void *chosen,
                       const struct argument_list *operands, struct error *err)
{
    const struct restore_options *o = chosen;
    struct store_backup_report r;
    struct meter meter;
    if (operands->count != 1)
        return command_misuse(&command_restore, "restore needs one FILE: the backup");
    const char *where = o->to ? o->to : context->settings.gallery;
    struct store_backup_options options = start_backup(&meter, context->settings.quiet, false);
    int rc = store_restore(operands->items[0].text, where, &options, &r, err);
    meter_clear(&meter);
    if (rc == ERR_CANCELLED)
        return error_set(err, rc, "interrupted; the gallery is unchanged");
    if (rc)
        return rc;
    report_restore(context, where, &r);
    int status = tell_damage(&r);
    store_backup_report_release(&r);
    return status;
}

static const struct example restore_examples[] = {
    {"keepsake restore /media/disk/gallery.db", "replace the gallery by the backup"},
    {"keepsake restore --to old.db /media/disk/gallery.db", "restore it as another gallery"},
    {NULL, NULL},
};

const struct command command_restore = {
    .name = "restore",
    .summary = "replace the gallery by a backup",
    .usage = "[--to GALLERY] FILE",
    .description =
        "Checks the backup FILE, copies it to the gallery's place, keeps the replaced gallery "
        "under another name and prints that name; nothing is deleted. The replaced gallery may "
        "be damaged in any way, but no other program may have it open. FILE may also be an "
        "export or any other gallery in a file. The next `keepsake index` finds the photos that "
        "were changed, added or deleted since the backup.\n\n"
        "With --json: one object with file, photos, failures, labels, rules, albums, "
        "ledger_entries, "
        "bytes, damaged and, if a gallery was replaced, kept. Exit status 3: some rows of the "
        "backup are damaged.",
    .examples = restore_examples,
    .options = restore_specs,
    .options_size = sizeof(struct restore_options),
    .operands = COMPLETE_FILES,
    .run = run_restore,
};
