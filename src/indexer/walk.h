/* SPDX-License-Identifier: MIT */
/* Finds the files in folders that may be photos.
 *
 *     struct walk_roots roots;
 *     if (walk_resolve(paths, n, &roots, err)) ...
 *     rc = walk_run(&roots, &visitor);
 *     walk_roots_release(&roots);
 *
 * Below a folder: files whose extension is one of a photo (any case), and those of an unknown name
 * whose first bytes are a picture's (file_names.h). Left out are names with a leading '.',
 * bookkeeping of file servers and photo programs, folders with a file .nomedia, and whatever the
 * owner excludes by patterns or .keepsakeignore files (ignore.h). A path that was given itself is
 * accepted whatever its name. Only regular files count. Symbolic links are followed, each folder is
 * visited once by its device and inode, real folders before links to folders, so that a photo is
 * found under its own name rather than a link's. The order is the same each time: the given files,
 * then folder by folder by name. Names are bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "indexer/identity.h"
#include "indexer/path_set.h"

/* The given paths, absolute and without links, each once. */
struct walk_roots {
    struct path_set folders, files;
};

/* ERR_NOT_FOUND for a path that does not exist (with `missing_too`, an absolute one is a root all
 * the same); ERR_INVALID for one that is neither a folder nor a regular file, ERR_DENIED. */
int walk_resolve(const char *const *paths, size_t n_paths, bool missing_too,
                 struct walk_roots *ret_roots, struct error *err) MUST_CHECK;
void walk_roots_release(struct walk_roots *roots);
/* True when `path` is one of the roots or lies below one. */
bool walk_roots_cover(const struct walk_roots *roots, const char *path);

struct walk_file {
    const char *path; /* borrowed for the duration of the call */
    int64_t size;
    int64_t mtime_ns, ctime_ns;
    uint64_t device, inode;
    int64_t asked_ns; /* since 1970: when all of this was asked for */
};

enum walk_obstacle {
    WALK_UNREADABLE, /* a folder that could not be read, or not completely */
    WALK_DEAD_LINK,  /* a link to nothing or to an empty folder, as to a disk that is not mounted */
};

struct walk_visitor {
    /* A non-zero answer stops the walk and is returned by walk_run. */
    int (*file)(void *context, const struct walk_file *file);
    /* Called before each folder is read; a non-zero answer also stops. */
    int (*folder)(void *context, const char *path);
    /* A folder was read; its files, if it has any, come next. empty: nothing at all is in it. May
     * be NULL. */
    void (*listed)(void *context, const char *path, const struct identity *identity, bool empty);
    /* Files at or below `path` could not be examined; `sentence` says why. */
    void (*obstacle)(void *context, enum walk_obstacle kind, const char *path,
                     const char *sentence);
    /* A file that looks like a picture or film of a kind that is not read: its place in
     * name_unread_kinds. May be NULL. */
    void (*unread)(void *context, const char *path, int kind);
    /* Files at or below `path` are excluded, although the gallery may have them. May be NULL. */
    void (*excluded)(void *context, const char *path);
    /* Whether the gallery has the file, so that its bytes need not be examined. May be NULL. */
    bool (*is_known)(void *context, const char *path);
    void *context;
    const char *const *patterns; /* of what is left out, as of --exclude */
    size_t n_patterns;
};

int walk_run(const struct walk_roots *roots, const struct walk_visitor *visitor) MUST_CHECK;

/* True for a folder that exists and has nothing at all in it. */
bool walk_is_empty(const char *folder);
