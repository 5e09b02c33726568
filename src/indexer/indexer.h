/* SPDX-License-Identifier: MIT */
/* Synchronises the gallery with folders: walk -> compare -> read, decode -> embed -> store, in
 * parallel with bounded queues, in transactions of one batch, so that a killed run loses at most
 * the batch in flight. Any number of processes may index into one gallery at the same time, even
 * the same folders: one of them claims each file (store.h), and a run ends when all its files are
 * done, by any process. Claims of a killed process expire with its lease.
 *
 * A file is read again when its size or mtime changed, and embedded again only when its content
 * (SHA-256) changed; an edit that keeps both is detected by ctime and inode (stamps.h). A known
 * content at a new path keeps its vector: it is a move if the old path is gone, otherwise a copy.
 *
 * Files below the given paths that were deleted are removed from the gallery. Files whose folder is
 * unreachable stay in the gallery (gallery_folders.h): a folder that is missing, empty, unreadable,
 * on another disk than before, or behind a dangling link. A failed file is tried again when it
 * changes or when keepsake or the codec has another version; a file that could not be read is tried
 * again in each run. Photos are never modified. */
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
    int64_t found;     /* files that look like photos or were given by name */
    int64_t unchanged; /* not even opened */
    int64_t added, updated, moved, copied, removed;
    int64_t touched;       /* read, and only their times had changed */
    int64_t failed;        /* new failures in this run */
    int64_t failed_before; /* unchanged files that failed in an earlier run; not tried again, or
                              failed again */
    int64_t dropped;       /* unchanged files whose photos another program deleted */
    int64_t by_others;     /* done by another process after the comparison of this run */
    int64_t unread[NAME_UNREAD_KINDS]; /* files of unsupported kinds (file_names.h); not part of
                                          `found` */
    int64_t unreadable_folders;
    int64_t not_reachable; /* missing files that stay in the gallery, because their folders are
                              unreachable */
    int64_t not_reachable_folders; /* number of the topmost unreachable folders */
    int64_t newly_not_reachable;   /* those that became unreachable in this run */
    int64_t decoded;               /* pictures decoded (0 on an unchanged folder) */
    int64_t signals;               /* signals computed for photos that lacked one (signal_fill.h) */
    int64_t signals_failed;        /* signals that could not be computed, in this run */
    double seconds;
};

struct index_progress {
    struct index_report report; /* so far */
    int64_t done, total;        /* of the files that need work; `total` is final after the walk */
    bool walking;               /* still comparing: `total` is not final */
    int64_t waiting; /* remaining files that other processes hold; 0: this process still has work */
    double photos_per_second; /* over the last seconds */
    double seconds_left;      /* < 0 while unknown */
};

/* Default lease; longer than the restart of a server or the storing of a batch. */
#define INDEX_LEASE_S 60.0

struct index_options {
    int decode_threads;    /* 0: one per processor */
    int batch;             /* photos embedded and committed together; 0: 16 */
    struct thumbs *thumbs; /* cache for thumbnails of decoded photos; NULL: none */
    bool gone_is_deleted;  /* the user says that missing files were deleted, even if their folder is
                              unreachable: remove them; nonexistent absolute paths are accepted */
    bool reread;           /* decode and embed every file again, keeping ids */
    bool retry_failed;     /* try each failed file again */
    bool again;            /* add the photos again that another program deleted */
    /* Exclusion patterns (ignore.h) to store in the gallery, for this run and all later ones. They
     * are added to the existing patterns or, with forget_excluded, replace them. */
    const char *const *excluded;
    size_t n_excluded;
    bool forget_excluded;
    double lease_s; /* lease of claims, after which those of a killed process expire; 0:
                       INDEX_LEASE_S */
    void (*progress)(
        void *context,
        const struct index_progress *progress); /* called about 10 times a second; may be NULL */
    /* Receives one sentence about a problem that did not stop the run: a failed file, an unreadable
     * folder. May be NULL. */
    void (*note)(void *context, const char *path, const char *sentence);
    bool (*cancelled)(void *context); /* polled; may be NULL */
    void *context; /* passed to the callbacks, which are made from one thread at a time */
};

/* ERR_CANCELLED: finished work is stored and *ret_report is filled; ERR_NOT_FOUND for a path that
 * does not exist; ERR_MISMATCH for a gallery of another model; ERR_INVALID if all given folders are
 * empty or missing although the gallery has photos below them (as with an unmounted disk;
 * gone_is_deleted permits it), or for a path that is neither a folder nor a regular file; any error
 * of the store. Programs must call omp_reexec_passive (base/omp_reexec.h) before; otherwise the
 * threads of the matrix products starve the decoders. `model_id` names the model in the gallery. */
int index_run(struct store *store, struct clip *clip, const char *model_id,
              const char *const *paths, size_t n_paths, const struct index_options *options,
              struct index_report *ret_report, struct error *err) MUST_CHECK;

/* Embeds the photos that the gallery has at or below the paths with a model that is not the one in
 * use, and stores the vectors beside (store/signals.h), for store_use_model. Photos that have such
 * a vector are left out. It adds and removes no photos. Of the options, it uses decode_threads,
 * retry_failed, reread, gone_is_deleted (which accepts missing paths), lease_s and the callbacks;
 * of the report, it fills signals, signals_failed and seconds. ERR_CANCELLED, with finished work
 * stored and *ret_report filled; ERR_NOT_FOUND if no model is in use or a path does not exist;
 * ERR_UNSUPPORTED on a split gallery. */
int index_other_model(struct store *store, struct clip *clip, const char *model_id,
                      const char *const *paths, size_t n_paths, const struct index_options *options,
                      struct index_report *ret_report, struct error *err) MUST_CHECK;

/* Fills in what a gallery records about a model: id, fingerprint, preprocessing, dim and the
 * arithmetic in which `clip` computes. */
void index_model(const struct clip *clip, const char *model_id, struct store_model *ret_model);
