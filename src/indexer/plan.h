/* SPDX-License-Identifier: MIT */
/* The tasks of a run: the differences between the files on disk and the gallery, by path, size and
 * time. */
#pragma once

#include "indexer/exclusions.h"
#include "indexer/gallery_folders.h"
#include "indexer/known.h"
#include "indexer/progress.h"
#include "indexer/stamps.h"
#include "indexer/walk.h"

/* Why a file is read. */
enum task_cause {
    TASK_NONE = 0,
    TASK_NEW,     /* its path is not in the gallery */
    TASK_CHANGED, /* another size or time */
    TASK_VERIFY,  /* size and time are the same, but it may have been edited (stamps.h) */
    TASK_UNREAD,  /* could not be read in an earlier run, and has not changed since */
    TASK_RETRY, /* failed with other decoder versions than the present ones, or the user requests it
                 */
    TASK_SIDECAR, /* a file of metadata beside it was added, changed or removed: read its facts */
    TASK_REREAD,  /* the user requests it: decode and embed it in any case */
};

/* A file that has to be read. */
struct task {
    const char *path;
    int64_t size, mtime_ns;   /* as the walk saw them */
    int64_t ctime_ns, inode;  /* the same; 0: unknown */
    struct known_file *known; /* the gallery's file at this path; NULL: none */
    enum task_cause cause;
    struct sidecar_set sidecars; /* their names are full paths here */
    bool decode;                 /* its copy or move source vanished: decode it instead */
};

struct plan {
    struct walk_roots roots;
    struct known known;
    struct folders folders;
    struct stamps stamps;
    struct path_set excluded; /* files at or below these are excluded and leave the gallery */
    struct path_set kept;     /* files at or below these could not be examined, and stay */
    int64_t (*unread)[NAME_UNREAD_KINDS]; /* counts for each folder of the roots */
    bool gone_is_deleted;                 /* the user says so (struct index_options) */
    struct task *tasks;
    size_t n, cap;
    struct arena paths;
};

/* Walks the roots and compares; counts found, unchanged, failed_before, unreadable_folders and
 * shows progress. Records the identities of folders, and new ctimes of files that need not be read.
 * ERR_CANCELLED. */
int plan_make(struct store *store, const char *const *paths, size_t n_paths,
              const struct exclusions *exclusions, struct progress *progress, struct plan *ret_plan,
              struct error *err) MUST_CHECK;
void plan_release(struct plan *plan);

/* ERR_INVALID if every root is an empty or missing folder below which the gallery has files, unless
 * the user says that they were deleted. */
int plan_check_roots(const struct plan *plan, struct error *err) MUST_CHECK;
