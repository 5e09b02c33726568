/* SPDX-License-Identifier: MIT */
/* Makes the gallery match folders: walk -> compare -> read, decode -> embed -> store, in parallel
 * with bounded queues, in transactions of one batch, so that a killed run loses at most the batch
 * in flight. Any number of processes may index into one gallery at the same time, even the same
 * folders: each file is claimed (store.h) by one of them, and a run ends when all its files are
 * done, by whichever process. Claims of a killed process expire with its lease.
 *
 * A file is read again when its size or mtime changed, and embedded again only when its content
 * (SHA-256) changed; an edit that keeps both is detected by ctime and inode (stamps.h). A known
 * content at a new path keeps its vector: a move when the old path is gone, else a copy.
 *
 * Files below the given paths that were deleted are removed from the gallery. Files whose folder
 * cannot be reached stay in the gallery (gallery_folders.h): a folder that is missing, empty,
 * unreadable, on another disk than before, or behind a link that leads nowhere. A file that failed
 * is tried again when it changes, when keepsake or the codec has another version, or, when it could
 * not even be read, each time. Photos are never modified. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "clip/clip.h"
#include "indexer/file_names.h"
#include "store/store.h"
#include "thumbs/thumbs.h"

struct index_report {
    int64_t found;     /* files that look like photos, or were named on the command line */
    int64_t unchanged; /* not even opened */
    int64_t added, updated, moved, copied, removed;
    int64_t touched;       /* read, and found to have new times only */
    int64_t failed;        /* new failures in this run */
    int64_t failed_before; /* unchanged files that failed in an earlier run; not tried again, or
                              failed again */
    int64_t by_others;     /* done by another process after this run had compared */
    int64_t
        unread[NAME_UNREAD_KINDS]; /* files of kinds that are not read (file_names.h), not found */
    int64_t unreadable_folders;
    int64_t not_reachable;         /* files that stay though they are gone: their folders cannot be
                                      reached */
    int64_t not_reachable_folders; /* the topmost ones */
    int64_t newly_not_reachable;   /* of these folders, since this run */
    int64_t decoded;               /* pictures decoded (0 on an unchanged folder) */
    double seconds;
};

struct index_progress {
    struct index_report report; /* so far */
    int64_t done, total; /* of the files that need work; total is final once the walk ended */
    bool walking;        /* still comparing: total is not known */
    int64_t waiting; /* remaining files that other processes hold; 0: this process still has work */
    double photos_per_second; /* over the last seconds */
    double seconds_left;      /* < 0 while unknown */
};

/* Longer than the restart of a server or the storing of a batch takes. */
#define INDEX_LEASE_S 60.0

struct index_options {
    int decode_threads;    /* 0: one per processor */
    int batch;             /* photos embedded and committed together; 0: 16 */
    struct thumbs *thumbs; /* where thumbnails of the photos that are decoded go; NULL: nowhere */
    bool gone_is_deleted;  /* the user says that missing files were deleted, whatever happened to
                              their folder: remove them; absolute paths that do not exist are
                              accepted */
    bool reread;           /* decode and embed every file again; ids stay */
    bool retry_failed;     /* try each file that failed again */
    /* Patterns (ignore.h) that the gallery is to keep, for this run and all later ones, besides
     * those it has; or, with forget_excluded, in place of them. */
    const char *const *excluded;
    size_t n_excluded;
    bool forget_excluded;
    double lease_s; /* how long claims outlive a killed process; 0: INDEX_LEASE_S */
    void (*progress)(
        void *context,
        const struct index_progress *progress); /* called about 10 times a second; may be NULL */
    /* One sentence about something that did not stop the run: a failed file, an unreadable folder.
     * May be NULL. */
    void (*note)(void *context, const char *path, const char *sentence);
    bool (*cancelled)(void *context); /* polled; may be NULL */
    void *context;                    /* the callbacks come from one thread at a time */
};

/* ERR_CANCELLED with everything finished kept and *ret_report filled; ERR_NOT_FOUND for a path that
 * does not exist; ERR_MISMATCH for a gallery of another model; ERR_INVALID when there is nothing
 * but folders that became empty although the gallery has photos below them (an unmounted disk looks
 * like that; gone_is_deleted says it was meant), or for a path that is neither a folder nor a
 * regular file; any error of the store.
 * Programs call omp_reexec_passive (base/omp_reexec.h) first, or the threads of the matrix products
 * starve the decoders. `model_id` names the model in the gallery. */
int index_run(struct store *store, struct clip *clip, const char *model_id,
              const char *const *paths, size_t n_paths, const struct index_options *options,
              struct index_report *ret_report, struct error *err) MUST_CHECK;
