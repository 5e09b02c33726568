/* SPDX-License-Identifier: MIT */
/* `keepsake labels`: lists, renames and removes labels. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/box.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "forms/forms.h"
#include "store/labels.h"

/* ---- the list ---- */

struct labels_options {
    const char *name;
};

static const struct option_spec options[] = {
    {.name = "name",
     .kind = OPTION_TEXT,
     .offset = offsetof(struct labels_options, name),
     .value = "NAME",
     .help = "only labels of this name"},
    {.name = NULL},
};

static void add_row(struct table *table, const struct store_label *label)
{
    char id[24], place[64] = "-";
    snprintf(id, sizeof id, "%" PRId64, label->id);
    if (label->has_box)
        box_format(place, sizeof place, &label->box);
    AUTO_FREE char *path =
        label->path ? path_shorten(label->path) : xstrdup("(photo not in the gallery)");
    table_add(table, (const char *[]){id, label->name, place, path});
}

struct listing {
    bool json;
    size_t count;
    struct table table;
};

static int list_label(void *context, const struct store_label *label)
{
    struct listing *l = context;
    l->count++;
    if (l->json)
        output_json(form_label(label));
    else
        add_row(&l->table, label);
    return l->json && output_is_broken();
}

static int list_labels(struct context *context, const char *name, struct error *err)
{
    struct listing l = {.json = context->settings.json, .table = TABLE_INIT(4)};
    table_align_right(&l.table, 0);
    l.table.style[1] = STYLE_BOLD;
    l.table.style[2] = STYLE_DIM;
    l.table.has_header = terminal_is(stdout);
    if (l.table.has_header)
        table_add(&l.table, (const char *[]){"", "name", "place", "photo"});
    int rc = store_list_labels(context->store, 0, name, list_label, &l, err);
    if (rc >= 0 && l.count > 0 && !l.json)
        table_print(&l.table, stdout, terminal_has_colour(stdout));
    if (rc == 0 && l.count == 0)
        context_note(context, name ? "no photo has this label"
                                   : "there are no labels: `keepsake label PHOTO NAME` adds one");
    table_release(&l.table);
    return rc > 0 ? STATUS_DONE : rc; /* > 0: the reader closed the pipe */
}

static int run_labels(struct context *context, const void *chosen,
                      const struct argument_list *operands, struct error *err)
{
    const struct labels_options *o = chosen;
    if (operands->count > 0)
        return command_misuse(&command_labels, "labels takes no arguments");
    int rc = context_open_gallery(context, STORE_READ, err);
    return rc ? rc : list_labels(context, o->name, err);
}

/* ---- edit, remove ---- */

static bool read_id(const char *text, int64_t *ret_id)
{
    errno = 0;
    *ret_id = strtoll(text, NULL, 10);
    return text[0] && text[strspn(text, "0123456789")] == '\0' && errno == 0 && *ret_id > 0;
}

static void print_change(const struct context *context, int64_t id, const char *name)
{
    if (context->settings.json) {
        json_t *line = json_object();
        json_object_set_new(line, "id", json_integer(id));
        if (name)
            output_set_text(line, "name", name);
        else
            json_object_set_new(line, "removed", json_true());
        output_json(line);
    } else if (name) {
        printf("label %" PRId64 " is now: ", id);
        output_text(name);
        putchar('\n');
    } else {
        printf("label %" PRId64 " removed\n", id);
    }
}

static int run_edit(struct context *context, const void *chosen,
                    const struct argument_list *operands, struct error *err);

static const struct command command_labels_edit = {
    .name = "labels edit",
    .summary = "rename a label",
    .usage = "ID NAME",
    .description = "`keepsake labels` shows the ID.",
    .run = run_edit,
};

static int run_edit(struct context *context, const void *chosen,
                    const struct argument_list *operands, struct error *err)
{
    (void)chosen;
    int64_t id;
    if (operands->count < 2)
        return command_misuse(&command_labels_edit, "labels edit needs an ID and a NAME");
    if (!read_id(operands->items[0].text, &id))
        return command_misuse(&command_labels_edit, "'%s' is not the ID of a label",
                              operands->items[0].text);
    AUTO_FREE char *name = NULL;
    int rc = words_join(operands, 1, LIMIT_LABEL_NAME_BYTES, "name", &name, err);
    if (!rc)
        rc = context_open_gallery(context, STORE_WRITE, err);
    if (!rc)
        rc = store_rename_label(context->store, id, name, err);
    if (!rc)
        print_change(context, id, name);
    return rc;
}

static int run_remove(struct context *context, const void *chosen,
                      const struct argument_list *operands, struct error *err);

static const struct command command_labels_remove = {
    .name = "labels remove",
    .summary = "take labels away",
    .usage = "ID...",
    .description = "`keepsake labels` shows the ID. One that is unknown is an "
                   "error; the others are removed all the same.",
    .run = run_remove,
};

static int remove_one(struct context *context, int64_t id, int *status, struct error *err)
{
    struct error why;
    int rc = store_remove_label(context->store, id, &why);
    if (rc && rc != ERR_NOT_FOUND)
        return error_set(err, rc, "%s", why.message);
    if (rc) {
        output_error("%s", why.message);
        *status = STATUS_FAILED;
    } else {
        print_change(context, id, NULL);
    }
    return 0;
}

static int run_remove(struct context *context, const void *chosen,
                      const struct argument_list *operands, struct error *err)
{
    (void)chosen;
    int64_t id;
    int status = STATUS_DONE, rc = 0;
    if (operands->count == 0)
        return command_misuse(&command_labels_remove, "labels remove needs the ID of a label");
    for (size_t i = 0; i < operands->count; i++)
        if (!read_id(operands->items[i].text, &id))
            return command_misuse(&command_labels_remove, "'%s' is not the ID of a label",
                                  operands->items[i].text);
    rc = context_open_gallery(context, STORE_WRITE, err);
    for (size_t i = 0; !rc && i < operands->count; i++)
        if (read_id(operands->items[i].text, &id))
            rc = remove_one(context, id, &status, err);
    return rc ? rc : status;
}

/* ---- the group ---- */

static const struct command *const verbs[] = {&command_labels_edit, &command_labels_remove, NULL};

static const struct example examples[] = {
    {"keepsake labels --name Grandpa", "all photos of him that are labelled"},
    {"keepsake labels edit 12 Grandpa Jo", "another name"},
    {"keepsake labels remove 12", "take one away"},
    {NULL, NULL},
};

const struct command command_labels = {
    .name = "labels",
    .summary = "list, rename and remove the names that you gave",
    .usage = "[--name NAME]\nedit ID NAME\nremove ID...",
    .description =
        "Lists the labels that `keepsake label` made, by name: number, name, place in the photo, "
        "photo. A label whose photo is not in the gallery any more is kept for when it comes "
        "back.\n\n"
        "With --json: one object a label with id, photo, path (both null without a photo), name, "
        "and box (x, y, width, height as fractions; null: the whole photo).",
    .examples = examples,
    .options = options,
    .options_size = sizeof(struct labels_options),
    .verbs = verbs,
    .run = run_labels,
};
