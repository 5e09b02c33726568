/* SPDX-License-Identifier: MIT */
/* The remark that the small model is in use, and the date when it was last printed. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_replace.h"
#include "base/memory.h"
#include "cli/context.h"

/* The path of a file whose age is that date; NULL if no state can be stored. */
static char *mark_path(void)
{
    AUTO_FREE char *folder = file_state_home();
    return folder ? file_join(folder, "small-model-remark") : NULL;
}

/* Whether the remark is due again: the mark is from another day, or from the future. */
static bool is_due(const char *path)
{
    struct stat mark;
    time_t now = time(NULL);
    struct tm then, today;
    if (!path || stat(path, &mark) < 0 || mark.st_mtime > now)
        return true;
    localtime_r(&mark.st_mtime, &then);
    localtime_r(&now, &today);
    return then.tm_year != today.tm_year || then.tm_yday != today.tm_yday;
}

static void note_made(const char *path)
{
    AUTO_FREE char *folder = path ? file_parent(path) : NULL;
    bool noted = folder && file_make_folders(folder, NULL) == 0 &&
                 file_replace(path, "", 0, 0600, NULL) == 0;
    (void)noted; /* on failure it is repeated */
}

void context_remark_model(struct context *context)
{
    const char *id = context->choice.id;
    const struct model_entry *entry = id ? model_entry(id) : NULL, *best = model_entries();
    bool is_small = context->has_remark && entry && !entry->files && best != entry && best->id;
    context->has_remark = false;
    if (!is_small || context->settings.model || context->settings.quiet)
        return;
    AUTO_FREE char *path = mark_path();
    if (!is_due(path))
        return;
    AUTO_FREE char *better = model_folder(best->id);
    if (better)
        context_note(context,
                     "this gallery uses the small model '%s'; search is much better in a new "
                     "gallery (--gallery FILE) indexed with '%s'",
                     id, best->id);
    else
        context_note(context,
                     "using the small built-in model '%s'; `keepsake model pull %s` downloads a "
                     "much better one (shown once a day)",
                     id, best->id);
    note_made(path);
}
