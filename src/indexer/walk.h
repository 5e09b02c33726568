/* SPDX-License-Identifier: MIT */
/* Finds the files in folders that may be photos.
 *
 *     struct walk_roots roots;
 *     if (walk_resolve(paths, n, &roots, err)) ...
 *     rc = walk_run(&roots, &visitor);
 *     walk_roots_release(&roots);
 *
 * Below a folder, it finds files with the extension of a photo (in any case), and files of an
 * unknown kind whose first bytes are those of a picture (file_names.h). It skips names with a
 * leading '.', internal files of file servers and photo programs, folders with a file .nomedia, and
 * files that the owner excludes by patterns or .keepsakeignore files (ignore.h). A given path is
 * accepted regardless of its name. Only regular files count. Symbolic links are followed. Each
 * folder, identified by device and inode, is visited once, real folders before links to folders, so
 * that a photo is found under its own path rather than through a link. The order is deterministic:
 * the given files, then folder by folder, by name. Names are bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "indexer/identity.h"
#include "indexer/path_set.h"
#include "indexer/sidecars.h"

/* The given paths, absolute and without links, each once. */
struct walk_roots {
    struct path_set folders, files;
};

/* ERR_NOT_FOUND for a path that does not exist (but with `missing_too`, an absolute one becomes a
 * root); ERR_INVALID for one that is neither a folder nor a regular file, ERR_DENIED. */
int walk_resolve(const char *const *paths, size_t n_paths, bool missing_too,
                 struct walk_roots *ret_roots, struct error *err) MUST_CHECK;
void walk_roots_release(struct walk_roots *roots);
/* Returns true if `path` is at or below one of the roots. */
bool walk_roots_cover(const struct walk_roots *roots, const char *path);

struct walk_file {
    const char *path; /* borrowed for the duration of the call */
    int64_t size;
    int64_t mtime_ns, ctime_ns;
    uint64_t device, inode;
    int64_t asked_ns;                   /* since 1970: time of the stat call */
    const struct sidecar_set *sidecars; /* beside it; borrowed for the duration of the call */
};

enum walk_obstacle {
    WALK_UNREADABLE, /* a folder that could not be read, or not completely */
    WALK_DEAD_LINK,  /* a link to nothing or to an empty folder, as for an unmounted disk */
};

struct walk_visitor {
    /* Called for each file. A non-zero return value ends the walk and is returned by walk_run. */
    int (*file)(void *context, const struct walk_file *file);
    /* Called before each folder is read; a non-zero return value also ends the walk. */
    int (*folder)(void *context, const char *path);
    /* Called after a folder was read; its files, if any, follow. `empty`: it has no entries at all.
     * May be NULL. */
    void (*listed)(void *context, const char *path, const struct identity *identity, bool empty);
    /* Called if files at or below `path` could not be examined; `sentence` says why. */
    void (*obstacle)(void *context, enum walk_obstacle kind, const char *path,
                     const char *sentence);
    /* Called for a file that looks like a picture or film of an unsupported kind; `kind` is its
     * index in name_unread_kinds. May be NULL. */
    void (*unread)(void *context, const char *path, int kind);
    /* Called if files at or below `path` are excluded, although the gallery may have them. May be
     * NULL. */
    void (*excluded)(void *context, const char *path);
    /* Returns whether the gallery has the file, so that its bytes need not be examined. May be
     * NULL. */
    bool (*is_known)(void *context, const char *path);
    void *context;
    const char *const *patterns; /* exclusion patterns, as of --exclude */
    size_t n_patterns;
};

int walk_run(const struct walk_roots *roots, const struct walk_visitor *visitor) MUST_CHECK;

/* Returns true for a folder that exists and has no entries at all. */
bool walk_is_empty(const char *folder);
