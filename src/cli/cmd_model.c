/* SPDX-License-Identifier: MIT */
/* `keepsake model`: lists the known models, and prints the folder of an installed one. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/model_names.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "forms/forms.h"
#include "models/model.h"

/* ---- list ---- */

static uint64_t pinned_bytes(const struct model_entry *entry)
{
    uint64_t bytes = 0;
    for (const struct model_file *f = entry ? entry->files : NULL; f && f->name; f++)
        bytes += f->size;
    return bytes;
}

static void list_json(const struct model_names *names, const char *chosen)
{
    for (size_t i = 0; i < names->count; i++) {
        const char *id = names->ids[i];
        AUTO_FREE char *folder = model_folder(id);
        output_json(form_model(id, folder, chosen && strcmp(id, chosen) == 0));
    }
}

static void list_people(const struct model_names *names, const char *chosen)
{
    struct table table = TABLE_INIT(5);
    table_align_right(&table, 3);
    table.style[1] = STYLE_BOLD;
    table.has_header = terminal_is(stdout);
    if (table.has_header)
        table_add(&table, (const char *[]){"", "model", "state", "download", "about"});
    for (size_t i = 0; i < names->count; i++) {
        const char *id = names->ids[i];
        const struct model_entry *entry = model_entry(id);
        AUTO_FREE char *folder = model_folder(id);
        char bytes[32] = "-";
        if (pinned_bytes(entry))
            text_bytes(bytes, sizeof bytes, pinned_bytes(entry));
        table_add(&table, (const char *[]){chosen && strcmp(id, chosen) == 0 ? "*" : " ", id,
                                           folder ? "installed" : "not installed", bytes,
                                           entry ? entry->title : "a folder that you added"});
    }
    table_print(&table, stdout, terminal_has_colour(stdout));
    table_release(&table);
}

static int run_list(struct context *context, const void *options,
                    const struct argument_list *operands, struct error *err);

static const struct command command_list_models = {
    .name = "model list",
    .summary = "list models; * marks the model in use",
    .usage = "",
    .description = "With --json: one object per model with id, installed, chosen, title, "
                   "licence, bytes to download and folder; unknown values are null.",
    .run = run_list,
};

static int run_list(struct context *context, const void *options,
                    const struct argument_list *operands, struct error *err)
{
    (void)options;
    (void)err;
    if (operands->count > 0)
        return command_misuse(&command_list_models, "model list takes no arguments");
    struct model_choice choice = {0};
    int rc = context_find_model(context, &choice, NULL);
    struct model_names names;
    model_names_init(&names);
    if (context->settings.json)
        list_json(&names, rc ? NULL : choice.id);
    else
        list_people(&names, rc ? NULL : choice.id);
    model_names_release(&names);
    model_choice_release(&choice);
    return STATUS_DONE;
}

/* ---- path ---- */

static int run_path(struct context *context, const void *options,
                    const struct argument_list *operands, struct error *err);

static const struct command command_model_path = {
    .name = "model path",
    .summary = "print the folder of an installed model",
    .usage = "[NAME]",
    .description = "NAME defaults to the model in use.",
    .operands = COMPLETE_MODELS,
    .run = run_path,
};

static int run_path(struct context *context, const void *options,
                    const struct argument_list *operands, struct error *err)
{
    (void)options;
    if (operands->count > 1)
        return command_misuse(&command_model_path, "model path takes one NAME");
    struct model_choice choice = {0};
    int rc = operands->count ? model_find(operands->items[0].text, &choice, err)
                             : context_find_model(context, &choice, err);
    if (rc)
        return rc;
    if (context->settings.json) {
        json_t *line = json_object();
        output_set_text(line, "id", choice.id);
        output_set_text(line, "folder", choice.folder);
        output_json(line);
    } else if (terminal_is(stdout)) {
        output_text(choice.folder);
        putchar('\n');
    } else {
        puts(choice.folder); /* unescaped, for a program */
    }
    model_choice_release(&choice);
    return STATUS_DONE;
}

/* ---- the group ---- */

static const struct command *const verbs[] = {
    &command_list_models, &command_model_pull, &command_model_verify,
    &command_model_path,  &command_model_use,  NULL,
};

static const struct example examples[] = {
    {"keepsake model pull clip-vit-b-32", "download the recommended model"},
    {"keepsake --model ~/models/my-clip search a cat", "use your own CLIP folder"},
    {NULL, NULL},
};

const struct command command_model = {
    .name = "model",
    .summary = "list, download, check and change the image models",
    .usage = "list\npull NAME\nverify [NAME|DIR]\npath [NAME]\nuse NAME|DIR",
    .description =
        "A model converts pictures and words to vectors that can be compared. A gallery "
        "is searched with one model and may keep vectors of others. The model is chosen by, in "
        "this order: --model, "
        "KEEPSAKE_MODEL, the config file, the gallery, and otherwise the best installed model.",
    .examples = examples,
    .verbs = verbs,
};
