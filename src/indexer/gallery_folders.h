/* SPDX-License-Identifier: MIT */
/* Decides for the files that are gone from a folder whether they were deleted, or whether the
 * folder itself cannot be reached, as when its disk is not mounted.
 *
 * A file that is gone counts as deleted only when its folder is there, is the very folder that held
 * it, and has something in it. The folder of an unmounted disk is missing, or an empty mount point,
 * or lies on another file system than the gallery remembers (identity.h).
 *
 * Device numbers may also change while the disk stays the same: a folder on another device is the
 * same one when at least 9 of 10 files of all folders that changed from the one device to the other
 * are in their places. Where several disks are mounted alternately at one place, the gallery
 * remembers each, and no missing file there counts as deleted. */
#pragma once

#include "indexer/identity.h"
#include "indexer/known.h"
#include "indexer/walk.h"
#include "store/folders.h"

enum folder_verdict {
    FOLDER_HERE = 0,   /* what is gone from it was deleted */
    FOLDER_SHARED,     /* there, but what is gone may be on another disk that was there before */
    FOLDER_MISSING,    /* nothing is at its path */
    FOLDER_EMPTY,      /* nothing is in it */
    FOLDER_ELSEWHERE,  /* another disk is in its place */
    FOLDER_REPLACED,   /* another folder is in its place, which has none of its files */
    FOLDER_UNREADABLE, /* it cannot be read */
};

struct folder {
    const char *path;
    const char *recorded; /* identities as the gallery has them; "": none */
    int64_t absent_since; /* as the gallery has it */
    bool listed;          /* by the walk */
    bool empty;           /* when it was listed */
    bool has_photos;      /* files that may be photos were found in it */
    bool has_identity;
    struct identity identity; /* when it was listed or, when it was not, judged */
    int64_t n_known;          /* files of the gallery in it, below the roots */
    int64_t n_here;           /* of them, in their places with the size they had */
    enum folder_verdict verdict;
    const char *top; /* of folders_find_top; NULL until it was asked for */
};

/* Folders that were on one device in the last run and are on another one now. */
struct shift {
    struct identity from, to;
    int64_t n_known, n_here; /* files, as in struct folder */
};

struct folders {
    struct folder *items; /* in path order once folders_judge was called */
    size_t n, cap;
    struct shift *shifts;
    size_t n_shifts, shifts_cap;
    struct arena texts;
};

#define FOLDERS_INIT                       \
    {                                      \
        NULL, 0, 0, NULL, 0, 0, ARENA_INIT \
    }

/* What the gallery remembers. */
int folders_load(struct store *store, struct folders *ret_folders, struct error *err) MUST_CHECK;
void folders_release(struct folders *folders);

/* A folder that the walk lists. */
void folders_add_listed(struct folders *folders, const char *path, const struct identity *identity,
                        bool empty);
/* The one added last has a file that may be a photo. */
void folders_note_photo(struct folders *folders);

/* After the walk, which left its marks in `known`: gives each folder its verdict. gone_is_deleted:
 * the user says so, for every folder that is there or missing. */
void folders_judge(struct folders *folders, const struct known *known,
                   const struct walk_roots *roots, bool gone_is_deleted);
/* Remembers which folder is where, for the next run: before a photo of a new folder is stored. */
int folders_record(struct folders *folders, struct store *store, struct error *err) MUST_CHECK;

/* ---- after folders_judge; any number of threads ---- */

/* The folder that `path` (of a file) is in; NULL: nothing is known of it. */
struct folder *folders_find_parent(const struct folders *folders, const char *path);
/* True when the file system that `path` (of a file that is gone) was on is not there: the file was
 * not moved away. */
bool folders_disk_is_away(const struct folders *folders, const char *path);

/* Opens the folder and makes sure that it still is what it was judged as; the caller closes. < 0
 * when what is gone from it does not count as deleted; the verdict then says why. */
int folders_open(struct folder *folder);
/* The topmost folder at or above folder->path that cannot be reached, but none above the root. By
 * one thread. */
const char *folders_find_top(struct folders *folders, struct folder *folder,
                             const struct walk_roots *roots);
