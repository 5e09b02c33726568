/* SPDX-License-Identifier: MIT */
/* `keepsake index --adopt`: makes a gallery of a table that another program made. */
#include "cli/index_adopt.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "store/store.h"

/* A path may have this form, too, but not the name of a folder that is given to `index` by itself:
 * one argument follows --adopt, and it is the table. */
bool index_adopt_is_table(const char *argument)
{
    const char *open = strchr(argument, '(');
    size_t length = strlen(argument);
    return open && open > argument && !strchr(argument, '/') && strchr(open, ',') &&
           argument[length - 1] == ')';
}

static void on_notice(void *context, const char *sentence)
{
    context_note(context, "%s", sentence);
}

static bool on_cancelled(void *context)
{
    (void)context;
    return interrupt_requested();
}

/* Calls `each` for every line of the plan. */
static void each_line(const char *plan, void (*each)(void *context, const char *line),
                      void *context)
{
    for (const char *at = plan; *at; at += strcspn(at, "\n") + 1) {
        AUTO_FREE char *line = xstrndup(at, strcspn(at, "\n"));
        each(context, line);
    }
}

static void note_line(void *context, const char *line)
{
    context_note(context, "adopting: %s", line);
}

static void print_line(void *context, const char *line)
{
    (void)context;
    output_text(line);
    putchar('\n');
}

static void add_line(void *array, const char *line)
{
    json_array_append_new(array, json_string(line));
}

static void print_plan(struct context *context, const char *plan)
{
    if (!context->settings.json) {
        each_line(plan, print_line, NULL);
        context_note(context, "nothing was changed: the same command with the PATH of the photos, "
                              "and without --dry-run, does this");
        return;
    }
    json_t *lines = json_array();
    each_line(plan, add_line, lines);
    json_t *object = json_object();
    json_object_set_new(object, "plan", lines);
    output_json(object);
}

int index_adopt(struct context *context, const char *table, const char *relative_to, bool dry_run,
                struct error *err)
{
    struct store_model model = {.preprocessing = CLIP_PREPROCESSING_VERSION,
                                .dim = (int)clip_dim(context->clip)};
    struct store_options options = {
        .notice = on_notice, .cancelled = on_cancelled, .context = context};
    text_copy(model.id, sizeof model.id, context->choice.id);
    text_copy(model.fingerprint, sizeof model.fingerprint, clip_fingerprint(context->clip));
    AUTO_FREE char *folder = relative_to ? path_absolute(relative_to) : NULL;
    struct store_adoption how = {.model = &model,
                                 .folder = folder,
                                 .table = table[0] ? table : NULL,
                                 .only_plan = dry_run,
                                 .options = &options};
    char *taken;
    interrupt_catch();
    int rc = store_adopt(context->settings.gallery, &how, &taken, err);
    if (rc)
        return rc;
    AUTO_FREE char *plan = taken;
    if (dry_run)
        print_plan(context, plan);
    else
        each_line(plan, note_line, context);
    return 0;
}
