/* SPDX-License-Identifier: MIT */
/* `keepsake export`: copies a gallery into a new file. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/copying.h"
#include "cli/output.h"
#include "transfer/transfer.h"

struct export_options {
    bool force;
};

static const struct option_spec options[] = {
    {.name = "force",
     .letter = 'f',
     .kind = OPTION_FLAG,
     .offset = offsetof(struct export_options, force),
     .help = "replace FILE if it exists"},
    {.name = NULL},
};

static void print_report(const struct context *context, const char *file,
                         const struct transfer_report *r)
{
    struct stat info;
    uint64_t bytes = stat(file, &info) == 0 ? (uint64_t)info.st_size : 0;
    char size[32];
    if (context->settings.json) {
        json_t *line = copying_json(file, r);
        json_object_set_new(line, "bytes", json_integer((json_int_t)bytes));
        output_json(line);
        return;
    }
    copying_print("exported", r);
    fputs(" to ", stdout);
    output_text(file);
    printf(" (%s)\n", text_bytes(size, sizeof size, bytes));
}

static int run_export(struct context *context, const void *chosen,
                      const struct argument_list *operands, struct error *err)
{
    const struct export_options *o = chosen;
    if (operands->count != 1)
        return command_misuse(&command_export, "export needs one FILE to write");
    const char *file = operands->items[0].text;
    AUTO_FREE char *name = context_name(file);
    if (strstr(file, "://"))
        return error_set(err, ERR_INVALID,
                         "export writes to a file, but %s is an address; to copy a gallery to a "
                         "server, use `keepsake --gallery URL import GALLERY`",
                         name);
    int rc = context_open_gallery(context, STORE_READ, err);
    if (!rc && copying_is_gallery(context, file))
        rc = error_set(err, ERR_INVALID,
                       "cannot export to %s: it is the gallery itself; give "
                       "another name",
                       file);
    if (rc)
        return rc;
    struct copying copying;
    struct transfer_report r = {0};
    struct transfer_options transfer = copying_start(&copying, context->settings.quiet);
    rc = transfer_export(context->store, file, o->force, &transfer, &r, err);
    copying_end(&copying);
    if (rc == ERR_CANCELLED)
        return error_set(err, rc, "interrupted; nothing was written to %s", file);
    if (rc)
        return rc;
    print_report(context, file, &r);
    return r.left_out ? STATUS_PARTLY : STATUS_DONE;
}

static const struct example examples[] = {
    {"keepsake export ~/backup/photos.keepsake", "write the whole gallery into one file"},
    {"keepsake --gallery postgresql://nas/photos export photos.keepsake",
     "copy from a server to a file"},
    {NULL, NULL},
};

const struct command command_export = {
    .name = "export",
    .summary = "write the whole gallery into one file",
    .usage = "[--force] FILE",
    .description =
        "Writes a snapshot of the gallery to FILE: photos with exact vectors and facts, "
        "failures, the model's name, labels, never-send rules and the ledger. Other keepsake "
        "processes may index at the same time. `keepsake import` copies FILE into a gallery in "
        "a file or on a server. FILE is never incomplete; an existing file is replaced only "
        "with --force. FILE is a gallery that --gallery can search; docs/export.md describes "
        "its format. It does not contain the photos.\n\n"
        "Photos without a valid vector are reported and left out (exit status 3); index them "
        "again.\n\n"
        "With --json: one object with file, photos, failures, left_out, kept, labels, rules, "
        "albums, ledger_entries, signals and bytes.",
    .examples = examples,
    .options = options,
    .options_size = sizeof(struct export_options),
    .operands = COMPLETE_FILES,
    .run = run_export,
};
