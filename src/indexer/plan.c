/* SPDX-License-Identifier: MIT */
/* Compares the files on disk with the gallery, and lists the tasks of a run. */
#include "indexer/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/text.h"

struct comparison {
    struct plan *plan;
    struct progress *progress;
};

/* Copies them with full paths. */
static void keep_sidecars(struct plan *plan, const char *path, const struct sidecar_set *found,
                          struct sidecar_set *ret_kept)
{
    *ret_kept = found ? *found : (struct sidecar_set){.n = 0};
    for (size_t i = 0; i < ret_kept->n; i++) {
        AUTO_FREE char *folder = file_parent(path);
        AUTO_FREE char *whole = file_join(folder, ret_kept->items[i].name);
        ret_kept->items[i].name = arena_copy(&plan->paths, whole);
    }
}

static void add_task(struct plan *plan, const struct walk_file *file, struct known_file *known,
                     enum task_cause cause)
{
    ARRAY_GROW(plan->tasks, plan->cap, plan->n + 1);
    plan->tasks[plan->n++] = (struct task){
        .path = known ? known->path : arena_copy(&plan->paths, file->path),
        .size = file->size,
        .mtime_ns = file->mtime_ns,
        .ctime_ns = stamps_ctime(file),
        .inode = (int64_t)file->inode,
        .known = known,
        .cause = cause,
    };
    keep_sidecars(plan, file->path, file->sidecars, &plan->tasks[plan->n - 1].sidecars);
}

/* Returns whether a failed file is worth another attempt: permissions may change without a change
 * of size or mtime, and trying costs only an open(). A file that is too large stays so. */
static bool is_unread(const struct known_file *known)
{
    return known->failed && !known_was_read(known) &&
           (uint64_t)known->size <= LIMIT_PHOTO_FILE_BYTES;
}

static int poll_caller(struct comparison *c)
{
    progress_show(c->progress, false);
    return progress_is_cancelled(c->progress) ? ERR_CANCELLED : 0;
}

/* The same for a file whose photo another program deleted. */
static enum task_cause compare_dropped(const struct index_options *options,
                                       const struct known_file *known, const struct walk_file *file)
{
    bool never_read = known->size == 0 && known->mtime_ns == 0;
    bool same = known->size == file->size && known->mtime_ns == file->mtime_ns;
    return options->again ? TASK_RETRY : same || never_read ? TASK_NONE : TASK_CHANGED;
}

/* Returns the reason to read a file of the gallery; TASK_NONE if it is unchanged. */
static enum task_cause compare_known(const struct comparison *c, struct known_file *known,
                                     const struct walk_file *file)
{
    const struct index_options *options = c->progress->options;
    known->same_size = known->size == file->size || !known_was_read(known);
    if (known->dropped)
        return compare_dropped(options, known, file);
    if (known->size != file->size || known->mtime_ns != file->mtime_ns)
        return TASK_CHANGED;
    if (options->reread || known->is_unsound)
        return TASK_REREAD;
    if (known->failed && (options->retry_failed || known->is_outdated))
        return TASK_RETRY;
    if (is_unread(known))
        return TASK_UNREAD;
    if (stamps_compare(&c->plan->stamps, known, file) == STAMP_VERIFY)
        return TASK_VERIFY;
    return !known->failed && strcmp(known->sidecars, file->sidecars->mark) != 0 ? TASK_SIDECAR
                                                                                : TASK_NONE;
}

static int64_t *count_of(struct index_report *report, const struct known_file *known)
{
    return known->dropped  ? &report->dropped
           : known->failed ? &report->failed_before
                           : &report->unchanged;
}

static int compare_file(void *context, const struct walk_file *file)
{
    struct comparison *c = context;
    struct index_report *report = &c->progress->now.report;
    struct known_file *known = known_find(&c->plan->known, file->path);
    report->found++;
    folders_note_photo(&c->plan->folders);
    enum task_cause cause = known ? compare_known(c, known, file) : TASK_NEW;
    if (known)
        known->presence = cause == TASK_NONE ? KNOWN_UNCHANGED : KNOWN_CHANGED;
    if (cause != TASK_NONE) {
        add_task(c->plan, file, known, cause);
        c->progress->now.total++;
    } else {
        ++*count_of(report, known);
    }
    return report->found % 256 == 0 ? poll_caller(c) : 0;
}

static int enter_folder(void *context, const char *path)
{
    (void)path;
    return poll_caller(context);
}

static void add_listed(void *context, const char *path, const struct identity *identity, bool empty)
{
    struct comparison *c = context;
    folders_add_listed(&c->plan->folders, path, identity, empty);
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

static void count_unread(void *context, const char *path, int kind)
{
    struct comparison *c = context;
    const struct path_set *folders = &c->plan->roots.folders;
    c->progress->now.report.unread[kind]++;
    for (size_t i = 0; i < folders->n; i++)
        if (path_is_below(path, folders->paths[i])) {
            c->plan->unread[i][kind]++;
            return;
        }
}

static void note_excluded(void *context, const char *path)
{
    struct comparison *c = context;
    if (known_count_below(&c->plan->known, path) > 0)
        path_set_add(&c->plan->excluded, path);
}

static bool gallery_has(void *context, const char *path)
{
    const struct comparison *c = context;
    return known_find(&c->plan->known, path) != NULL;
}

/* Adds a file of the gallery again, long after the walk has left its folder. */
static void add_suspect(struct plan *plan, struct walk_file *file, struct known_file *known)
{
    struct sidecar_names names = {NULL, 0, 0};
    struct sidecar_set sidecars;
    AUTO_FREE char *folder = file_parent(file->path);
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    sidecar_names_read(&names, folder);
    sidecars_match(&names, file_name(file->path), &sidecars);
    sidecars_examine(fd, &sidecars);
    file->sidecars = &sidecars;
    add_task(plan, file, known, TASK_VERIFY);
    file->sidecars = NULL;
    sidecar_names_release(&names);
    if (fd >= 0)
        close(fd);
}

/* Adds files whose inode has changed, on devices where inodes are meaningful. */
static void add_suspects(struct plan *plan, struct progress *progress)
{
    const struct stamp_list *suspects = &plan->stamps.suspects;
    for (size_t i = 0; i < suspects->n; i++) {
        const struct stamp *suspect = &suspects->items[i];
        struct known_file *known = suspect->file;
        if (!stamps_must_read(&plan->stamps, suspect))
            continue;
        known->presence = KNOWN_CHANGED;
        struct walk_file file = {
            .path = known->path,
            .size = known->size,
            .mtime_ns = known->mtime_ns,
            .ctime_ns = suspect->ctime_ns,
            .device = suspect->device,
            .inode = suspect->inode,
            .asked_ns = INT64_MAX,
        };
        add_suspect(plan, &file, known);
        progress->now.total++;
        --*count_of(&progress->now.report, known);
    }
}

static int walk_and_compare(struct plan *plan, const struct exclusions *exclusions,
                            struct progress *progress, struct error *err)
{
    struct comparison c = {plan, progress};
    struct walk_visitor visitor = {
        .file = compare_file,
        .folder = enter_folder,
        .listed = add_listed,
        .obstacle = keep_below,
        .unread = count_unread,
        .excluded = note_excluded,
        .is_known = gallery_has,
        .context = &c,
        .patterns = exclusions->patterns,
        .n_patterns = exclusions->n,
    };
    plan->unread = xcalloc(plan->roots.folders.n + 1, sizeof *plan->unread);
    int rc = walk_run(&plan->roots, &visitor);
    path_set_sort(&plan->kept);
    path_set_sort(&plan->excluded);
    if (rc == ERR_CANCELLED)
        return error_set(err, rc, "interrupted while looking for photos");
    if (rc)
        return rc;
    add_suspects(plan, progress);
    folders_judge(&plan->folders, &plan->known, &plan->roots, plan->gone_is_deleted);
    return 0;
}

int plan_make(struct store *store, const char *const *paths, size_t n_paths,
              const struct exclusions *exclusions, struct progress *progress, struct plan *ret_plan,
              struct error *err)
{
    struct plan plan = {.excluded = PATH_SET_INIT,
                        .kept = PATH_SET_INIT,
                        .paths = ARENA_INIT,
                        .folders = FOLDERS_INIT,
                        .gone_is_deleted = progress->options->gone_is_deleted};
    int rc = walk_resolve(paths, n_paths, plan.gone_is_deleted, &plan.roots, err);
    if (!rc)
        rc = known_load(store, &plan.known, err);
    if (!rc)
        rc = folders_load(store, &plan.folders, err);
    if (!rc)
        rc = walk_and_compare(&plan, exclusions, progress, err);
    if (!rc)
        rc = folders_record(&plan.folders, store, err);
    if (!rc)
        rc = stamps_record(&plan.stamps, store, err);
    if (!rc)
        rc = exclusions_record_unread(store, &plan.roots.folders,
                                      (const int64_t(*)[NAME_UNREAD_KINDS])plan.unread, err);
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
    folders_release(&plan->folders);
    stamps_release(&plan->stamps);
    path_set_release(&plan->excluded);
    path_set_release(&plan->kept);
    free(plan->unread);
    free(plan->tasks);
    arena_release(&plan->paths);
    *plan = (struct plan){.excluded = PATH_SET_INIT,
                          .kept = PATH_SET_INIT,
                          .paths = ARENA_INIT,
                          .folders = FOLDERS_INIT};
}
