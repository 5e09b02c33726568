#include "indexer/plan.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

struct comparison {
    struct plan *plan;
    struct progress *progress;
};

static void add_task(struct plan *plan, const struct walk_file *file, struct known_file *known,
                     bool again)
{
    ARRAY_GROW(plan->tasks, plan->cap, plan->n + 1);
    plan->tasks[plan->n++] = (struct task){
        .path = known ? known->path : arena_copy(&plan->paths, file->path),
        .size = file->size,
        .mtime_ns = file->mtime_ns,
        .known = known,
        .again = again,
    };
}

/* Permissions change without touching size or time: what could not be read is worth another try,
 * which costs an open(). What is too large stays so. */
static bool is_worth_retrying(const struct known_file *known)
{
    return known->failed && !known_was_read(known) &&
           (uint64_t)known->size <= LIMIT_PHOTO_FILE_BYTES;
}

static int poll_caller(struct comparison *c)
{
    progress_show(c->progress, false);
    return progress_is_cancelled(c->progress) ? ERR_CANCELLED : 0;
}

static int compare_file(void *context, const struct walk_file *file)
{
    struct comparison *c = context;
    struct index_report *report = &c->progress->now.report;
    struct known_file *known = known_find(&c->plan->known, file->path);
    report->found++;
    bool same = known && known->size == file->size && known->mtime_ns == file->mtime_ns;
    if (known)
        known->presence = same ? KNOWN_UNCHANGED : KNOWN_CHANGED;
    if (!same || is_worth_retrying(known)) {
        add_task(c->plan, file, known, same);
        c->progress->now.total++;
    } else if (known->failed) {
        report->failed_before++;
    } else {
        report->unchanged++;
    }
    return report->found % 256 == 0 ? poll_caller(c) : 0;
}

static int enter_folder(void *context, const char *path)
{
    (void)path;
    return poll_caller(context);
}

static void keep_below(void *context, enum walk_obstacle kind, const char *path,
                       const char *sentence)
{
    struct comparison *c = context;
    if (kind == WALK_DEAD_LINK && known_count_below(&c->plan->known, path) == 0)
        return;
    path_set_add(&c->plan->kept, path);
    c->progress->now.report.unreadable_folders++;
    progress_note(c->progress, path, sentence);
}

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

/* An unmounted disk leaves its empty mount point behind. */
static int check_root_folder(const struct plan *plan, const char *folder, struct error *err)
{
    if (!walk_is_empty(folder) && !is_folder_missing(folder))
        return 0;
    AUTO_FREE char *shown = text_printable(folder, strlen(folder));
    if (has_tasks_below(plan, folder))
        return error_set(err, ERR_INVALID,
                         "the photos of the folder %s went away while they were indexed; mount its "
                         "disk and run the same command again, or, if they were meant to go, run: "
                         "keepsake forget '%s'",
                         shown, shown);
    size_t below = known_count_below(&plan->known, folder);
    if (below > 0)
        return error_set(err, ERR_INVALID,
                         "the folder %s has nothing in it any more, but the gallery has %zu "
                         "photos below it; mount its disk, or, if they were meant to go, run: "
                         "keepsake forget '%s'",
                         shown, below, shown);
    return 0;
}

static int check_root_folders(const struct plan *plan, struct error *err)
{
    int rc = 0;
    for (size_t i = 0; i < plan->roots.folders.n && !rc; i++)
        rc = check_root_folder(plan, plan->roots.folders.paths[i], err);
    return rc;
}

static int walk_and_compare(struct plan *plan, struct progress *progress, struct error *err)
{
    struct comparison c = {plan, progress};
    struct walk_visitor visitor = {compare_file, enter_folder, keep_below, &c};
    int rc = walk_run(&plan->roots, &visitor);
    path_set_sort(&plan->kept);
    if (rc == ERR_CANCELLED)
        return error_set(err, rc, "interrupted while looking for photos");
    return rc;
}

int plan_make(struct store *store, const char *const *paths, size_t n_paths,
              struct progress *progress, struct plan *ret_plan, struct error *err)
{
    struct plan plan = {.kept = PATH_SET_INIT, .paths = ARENA_INIT};
    int rc = walk_resolve(paths, n_paths, &plan.roots, err);
    if (!rc)
        rc = known_load(store, &plan.known, err);
    if (!rc)
        rc = check_root_folders(&plan, err);
    if (!rc)
        rc = walk_and_compare(&plan, progress, err);
    if (rc) {
        plan_release(&plan);
        return rc;
    }
    *ret_plan = plan;
    return 0;
}

void plan_release(struct plan *plan)
{
    walk_roots_release(&plan->roots);
    known_release(&plan->known);
    path_set_release(&plan->kept);
    free(plan->tasks);
    arena_release(&plan->paths);
    *plan = (struct plan){.kept = PATH_SET_INIT, .paths = ARENA_INIT};
}

bool plan_is_gone(const char *path)
{
    struct stat info;
    if (lstat(path, &info) == 0)
        return S_ISDIR(info.st_mode);
    return errno == ENOENT || errno == ENOTDIR;
}

static bool is_to_remove(const struct plan *plan, const struct known_file *file)
{
    return !file->claimed && file->presence != KNOWN_UNCHANGED &&
           walk_roots_cover(&plan->roots, file->path) &&
           !path_set_covers(&plan->kept, file->path) && plan_is_gone(file->path);
}

int plan_remove_gone(struct plan *plan, struct store *store, struct progress *progress,
                     struct error *err)
{
    enum { AT_ONCE = 1000 };
    int rc = check_root_folders(plan, err);
    AUTO_FREE struct store_change *changes = xcalloc(AT_ONCE, sizeof *changes);
    size_t n = 0;
    for (size_t i = 0; i < plan->known.n && !rc; i++) {
        if (is_to_remove(plan, &plan->known.files[i]))
            changes[n++] =
                (struct store_change){.kind = STORE_REMOVE, .path = plan->known.files[i].path};
        if (n == 0 || (n < AT_ONCE && i + 1 < plan->known.n))
            continue;
        rc = store_apply(store, changes, n, err);
        if (!rc)
            progress->now.report.removed += (int64_t)n;
        n = 0;
        progress_show(progress, false);
    }
    return rc;
}
