/* SPDX-License-Identifier: MIT */
/* Examines each missing file through its open folder, and removes or keeps it. */
#include "indexer/removal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "indexer/absences.h"

/* Changes per transaction. */
#define AT_ONCE 1000

enum fate {
    FATE_STAYS,       /* it exists, or its state is unknown */
    FATE_GONE,        /* it was deleted or is excluded */
    FATE_UNREACHABLE, /* its folder is unreachable */
};

struct removal {
    struct plan *plan;
    struct folder *folder; /* the folder examined last */
    int fd;                /* descriptor of it; < 0 if its missing files do not count as deleted */
    struct absences absences;
};

static void enter_folder(struct removal *r, const char *path)
{
    struct folder *folder = folders_find_parent(&r->plan->folders, path);
    if (folder == r->folder)
        return;
    if (r->fd >= 0)
        close(r->fd);
    r->folder = folder;
    r->fd = folders_open(folder);
}

/* Returns 0 if something exists at the name that may be a photo, otherwise an errno. */
static int look_at_name(int fd, const char *path)
{
    struct stat info;
    if (fstatat(fd, path, &info, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOTDIR ? ENOENT : errno;
    return S_ISDIR(info.st_mode) ? ENOENT : 0;
}

/* Looks for the file in the open and verified folder, so that the result refers to that folder even
 * if a disk is unmounted at the same time. */
static enum fate choose_fate(struct removal *r, const struct known_file *file)
{
    const struct plan *plan = r->plan;
    if (file->presence == KNOWN_UNSEEN && path_set_covers(&plan->excluded, file->path))
        return FATE_GONE;
    bool is_kept = path_set_covers(&plan->kept, file->path);
    if (plan->gone_is_deleted)
        return look_at_name(AT_FDCWD, file->path) == ENOENT ? FATE_GONE : FATE_STAYS;
    enter_folder(r, file->path);
    switch (r->folder->verdict) {
    case FOLDER_HERE:
        if (is_kept || r->fd < 0)
            return FATE_STAYS;
        return look_at_name(r->fd, file_name(file->path)) == ENOENT ? FATE_GONE : FATE_STAYS;
    case FOLDER_SHARED:
    case FOLDER_ELSEWHERE:
    case FOLDER_REPLACED:
        return look_at_name(AT_FDCWD, file->path) ? FATE_UNREACHABLE : FATE_STAYS;
    case FOLDER_MISSING:
    case FOLDER_EMPTY:
    case FOLDER_UNREADABLE:
        break;
    }
    return FATE_UNREACHABLE;
}

static bool is_candidate(const struct plan *plan, const struct known_file *file)
{
    return !file->claimed && file->presence != KNOWN_UNCHANGED &&
           walk_roots_cover(&plan->roots, file->path);
}

static bool is_to_remove(struct removal *r, const struct known_file *file)
{
    enum fate fate = is_candidate(r->plan, file) ? choose_fate(r, file) : FATE_STAYS;
    if (fate == FATE_UNREACHABLE) {
        const char *top = folders_find_top(&r->plan->folders, r->folder, &r->plan->roots);
        absences_add(&r->absences, top, r->folder->verdict);
    }
    return fate == FATE_GONE;
}

static int remove_gone(struct removal *r, struct store *store, struct progress *progress,
                       struct error *err)
{
    struct known *known = &r->plan->known;
    AUTO_FREE struct store_change *changes = xcalloc(AT_ONCE, sizeof *changes);
    size_t n = 0;
    int rc = 0;
    for (size_t i = 0; i < known->n && !rc; i++) {
        if (is_to_remove(r, &known->files[i])) {
            known->files[i].presence = KNOWN_GONE;
            changes[n++] =
                (struct store_change){.kind = STORE_REMOVE, .path = known->files[i].path};
        }
        if (n == 0 || (n < AT_ONCE && i + 1 < known->n))
            continue;
        rc = store_apply(store, changes, n, err);
        if (!rc)
            progress->now.report.removed += (int64_t)n;
        n = 0;
        progress_show(progress, false);
    }
    return rc;
}

int removal_run(struct plan *plan, struct store *store, struct progress *progress, bool tell,
                struct error *err)
{
    struct removal r = {.plan = plan, .fd = -1, .absences = ABSENCES_INIT};
    int rc = remove_gone(&r, store, progress, err);
    if (r.fd >= 0)
        close(r.fd);
    if (!rc)
        rc = absences_record(&r.absences, plan, store, err);
    if (!rc && tell)
        absences_tell(&r.absences, plan, progress);
    absences_release(&r.absences);
    return rc;
}
