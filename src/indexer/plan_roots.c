/* SPDX-License-Identifier: MIT */
/* Refuses a run whose roots are all empty or missing, as with unmounted disks. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "indexer/plan.h"

static bool is_folder_missing(const char *folder)
{
    struct stat info;
    return lstat(folder, &info) < 0 && (errno == ENOENT || errno == ENOTDIR);
}

static bool has_tasks_below(const struct plan *plan, const char *folder)
{
    for (size_t i = 0; i < plan->n; i++)
        if (path_is_below(plan->tasks[i].path, folder))
            return true;
    return false;
}

/* Returns whether a root is gone; the mount point of an unmounted disk is an empty folder. */
static bool is_root_gone(const struct plan *plan, const char *folder)
{
    return (walk_is_empty(folder) || is_folder_missing(folder)) &&
           (known_count_below(&plan->known, folder) > 0 || has_tasks_below(plan, folder));
}

static int refuse_root(const struct plan *plan, const char *folder, struct error *err)
{
    AUTO_FREE char *shown = text_printable(folder, strlen(folder));
    if (has_tasks_below(plan, folder))
        return error_set(err, ERR_INVALID,
                         "the photos of the folder %s disappeared during indexing; mount its "
                         "disk and run the same command again, or, if you deleted them, run: "
                         "keepsake forget '%s'",
                         shown, shown);
    return error_set(err, ERR_INVALID,
                     "the folder %s is empty, but the gallery has %zu photos below it; mount "
                     "its disk, or, if you deleted them, run: keepsake forget '%s'",
                     shown, known_count_below(&plan->known, folder), shown);
}

int plan_check_roots(const struct plan *plan, struct error *err)
{
    const struct path_set *folders = &plan->roots.folders;
    if (plan->gone_is_deleted || plan->roots.files.n || !folders->n)
        return 0;
    for (size_t i = 0; i < folders->n; i++)
        if (!is_root_gone(plan, folders->paths[i]))
            return 0;
    return refuse_root(plan, folders->paths[0], err);
}
