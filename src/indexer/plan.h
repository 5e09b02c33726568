/* What a run has to do: the files on disk compared with the gallery, by path, size and time. */
#pragma once

#include "indexer/known.h"
#include "indexer/progress.h"
#include "indexer/walk.h"

/* A file that has to be read. */
struct task {
    const char *path;
    int64_t size, mtime_ns;   /* as the walk saw them */
    struct known_file *known; /* what the gallery has at this path; NULL: nothing */
    bool again;               /* could not be read in an earlier run and has not changed since */
    bool decode;              /* what its content could be had from has gone: decode it */
};

struct plan {
    struct walk_roots roots;
    struct known known;
    struct path_set kept; /* what lies at or below these could not be seen, and stays */
    struct task *tasks;
    size_t n, cap;
    struct arena paths;
};

/* Walks the roots and compares; counts found, unchanged, failed_before, unreadable_folders and
 * shows progress. ERR_CANCELLED; ERR_INVALID for a root folder that has nothing in it any more. */
int plan_make(struct store *store, const char *const *paths, size_t n_paths,
              struct progress *progress, struct plan *ret_plan, struct error *err) MUST_CHECK;
void plan_release(struct plan *plan);

/* After the tasks: removes from the gallery the files below the roots that are gone from disk.
 * ERR_INVALID when a root folder became empty or went away while the run lasted. */
int plan_remove_gone(struct plan *plan, struct store *store, struct progress *progress,
                     struct error *err) MUST_CHECK;

/* True when nothing is at `path` any more (a folder is not a photo). */
bool plan_is_gone(const char *path);
