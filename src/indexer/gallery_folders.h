/* SPDX-License-Identifier: MIT */
/* Decides whether missing files of a folder were deleted, or whether the folder itself is
 * unreachable, for example because its disk is not mounted.
 *
 * A missing file counts as deleted only if its folder exists, is the same folder as in earlier
 * runs, and is not empty. The folder of an unmounted disk is missing, or is an empty mount point,
 * or is on another file system than the recorded one (identity.h).
 *
 * The device number of a disk may also change. A folder on another device is considered the same if
 * at least 9 of 10 files, of all folders that changed from the one device to the other, exist at
 * their paths. If several disks are mounted alternately at one path, the gallery records each, and
 * no missing file there counts as deleted. */
#pragma once

#include "indexer/identity.h"
#include "indexer/known.h"
#include "indexer/walk.h"
#include "store/folders.h"

enum folder_verdict {
    FOLDER_HERE = 0, /* its missing files were deleted */
    FOLDER_SHARED,  /* reachable, but missing files may be on another disk that was mounted there */
    FOLDER_MISSING, /* nothing exists at its path */
    FOLDER_EMPTY,   /* it is empty */
    FOLDER_ELSEWHERE,  /* another disk is in its place */
    FOLDER_REPLACED,   /* another folder is in its place, without any of its files */
    FOLDER_UNREADABLE, /* it cannot be read */
};

struct folder {
    const char *path;
    const char *recorded; /* recorded identities; "": none */
    int64_t absent_since; /* as recorded in the gallery */
    bool listed;          /* the walk has listed it */
    bool empty;           /* when it was listed */
    bool has_photos;      /* the walk found files in it that may be photos */
    bool has_identity;
    struct identity identity; /* from when it was listed or, if it was not listed, judged */
    int64_t n_known;          /* number of the gallery's files in it, below the roots */
    int64_t n_here;           /* number of them that exist with the recorded size */
    enum folder_verdict verdict;
    const char *top; /* cached by folders_find_top; NULL before */
};

/* A group of folders that changed from one device to another since the last run. */
struct shift {
    struct identity from, to;
    int64_t n_known, n_here; /* files, as in struct folder */
};

struct folders {
    struct folder *items; /* in path order after folders_judge */
    size_t n, cap;
    struct shift *shifts;
    size_t n_shifts, shifts_cap;
    struct arena texts;
};

#define FOLDERS_INIT                       \
    {                                      \
        NULL, 0, 0, NULL, 0, 0, ARENA_INIT \
    }

/* Loads the folder records of the gallery. */
int folders_load(struct store *store, struct folders *ret_folders, struct error *err) MUST_CHECK;
void folders_release(struct folders *folders);

/* Adds a folder that the walk lists. */
void folders_add_listed(struct folders *folders, const char *path, const struct identity *identity,
                        bool empty);
/* Notes that the last added folder contains a file that may be a photo. */
void folders_note_photo(struct folders *folders);

/* Sets the verdict of each folder, after the walk has marked the files in `known`. gone_is_deleted:
 * the user says that the missing files of every existing or missing folder were deleted. */
void folders_judge(struct folders *folders, const struct known *known,
                   const struct walk_roots *roots, bool gone_is_deleted);
/* Records the identities of folders for the next run. Must precede storing a photo of a new folder.
 */
int folders_record(struct folders *folders, struct store *store, struct error *err) MUST_CHECK;

/* ---- after folders_judge; any number of threads ---- */

/* Returns the folder of the file `path`; NULL if the folder is unknown. */
struct folder *folders_find_parent(const struct folders *folders, const char *path);
/* Returns true if the file system of the missing file `path` is not mounted, so that the file was
 * not moved. */
bool folders_disk_is_away(const struct folders *folders, const char *path);

/* Opens the folder and verifies that its verdict still holds; the caller closes the descriptor.
 * Returns < 0 if its missing files do not count as deleted; the verdict gives the reason. */
int folders_open(struct folder *folder);
/* Returns the topmost unreachable folder at or above folder->path, but not above the root. Not
 * thread-safe. */
const char *folders_find_top(struct folders *folders, struct folder *folder,
                             const struct walk_roots *roots);
