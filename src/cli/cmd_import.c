/* SPDX-License-Identifier: MIT */
/* `keepsake import`: adds the contents of an export or another gallery to the gallery. */
#include <stdio.h>

#include "base/memory.h"
#include "cli/command.h"
#include "cli/copying.h"
#include "cli/output.h"
#include "transfer/transfer.h"

static void print_report(const struct context *context, const char *file,
                         const struct transfer_report *r)
{
    if (context->settings.json) {
        output_json(copying_json(file, r));
        return;
    }
    copying_print("imported", r);
    fputs(" from ", stdout);
    output_text(file);
    putchar('\n');
}

static int copy_from(struct context *context, struct store *from, const char *name,
                     bool records_only, struct error *err)
{
    struct copying copying;
    struct transfer_report r = {0};
    struct transfer_options transfer = copying_start(&copying, context->settings.quiet);
    int rc = (records_only ? transfer_copy_records : transfer_copy)(from, context->store, &transfer,
                                                                    &r, err);
    copying_end(&copying);
    if (rc == ERR_CANCELLED)
        return error_set(err, rc,
                         "interrupted; completed work is in the gallery, and the same command "
                         "continues it");
    if (rc)
        return error_add(err, "cannot import %s", name);
    print_report(context, name, &r);
    return r.left_out ? STATUS_PARTLY : STATUS_DONE;
}

struct import_options {
    bool records_only;
};

static const struct option_spec options[] = {
    {.name = "records-only",
     .kind = OPTION_FLAG,
     .offset = offsetof(struct import_options, records_only),
     .help = "import only labels, never-send rules and the ledger; FILE may have another model"},
    {.name = NULL},
};

static int run_import(struct context *context, const void *chosen,
                      const struct argument_list *operands, struct error *err)
{
    const struct import_options *o = chosen;
    if (operands->count != 1)
        return command_misuse(&command_import, "import needs one FILE to read");
    const char *file = operands->items[0].text;
    AUTO_FREE char *name = context_name(file);
    AUTO(store) *from = NULL;
    if (copying_is_gallery(context, file))
        return error_set(err, ERR_INVALID,
                         "cannot import %s: it is the gallery itself; give another gallery with "
                         "--gallery",
                         name);
    context->brings_records = true;
    int rc = store_open(file, STORE_READ, &from, err);
    if (rc == ERR_NOT_FOUND)
        return error_set(err, rc, "cannot import %s: there is no gallery; check the name", name);
    if (!rc)
        rc = context_make_gallery(context, NULL, err);
    return rc ? rc : copy_from(context, from, name, o->records_only, err);
}

static const struct example examples[] = {
    {"keepsake import ~/backup/photos.keepsake", "read an export back"},
    {"keepsake --gallery new.db import --records-only old.db",
     "take labels, rules and the ledger into a gallery of another model"},
    {"keepsake --gallery postgresql://nas/photos import photos.keepsake",
     "copy from a file to a server"},
    {NULL, NULL},
};

const struct command command_import = {
    .name = "import",
    .summary = "copy an export into the gallery",
    .usage = "[--records-only] FILE",
    .description =
        "Adds an export, or any other gallery (a file or a server's URL), to the gallery, which "
        "is created if it does not exist. In an empty gallery, photos keep their ids. A photo "
        "whose path is already in the gallery is updated from FILE and keeps its id; a failure "
        "in FILE never replaces a photo. Missing labels, never-send rules and ledger entries "
        "are added. FILE is not changed. A gallery of another model is refused.\n\n"
        "With --records-only, photos and vectors are not imported: labels apply to the present "
        "and future photos of the same content, rules to their folders, and the two ledgers are "
        "merged. Repeating the import adds nothing.\n\n"
        "To continue an interrupted import, run it again.\n\n"
        "With --json: one object with file, photos, failures, left_out (photos without a valid "
        "vector: exit status 3), kept (failures that were not imported because the gallery has "
        "a photo there), labels, rules, albums, ledger_entries and signals.",
    .examples = examples,
    .options = options,
    .options_size = sizeof(struct import_options),
    .operands = COMPLETE_FILES,
    .run = run_import,
};
