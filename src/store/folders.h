/* SPDX-License-Identifier: MIT */
/* Folder records of a gallery, for later index runs. */
#pragma once

#include "store/store.h"

struct store_folder {
    const char *path;     /* absolute; borrowed */
    const char *device;   /* identifies the folder and its file system, in a format of the indexer;
                             "": unknown. Borrowed. */
    int64_t absent_since; /* unix seconds at which it became unreachable; 0: it is reachable */
};

/* Lists the folders in path order (memcmp). A non-zero return value of `each` ends the iteration
 * and is returned; `each` must not use this store. Lists none if the gallery's format is older than
 * folder records. */
int store_list_folders(struct store *store,
                       int (*each)(void *context, const struct store_folder *folder), void *context,
                       struct error *err) MUST_CHECK;

/* An unreachable folder, and the number of its files in the gallery. */
struct store_absence {
    const char *path; /* borrowed */
    int64_t since;    /* unix seconds */
    int64_t files;    /* photos and failures at or below it */
};

/* Lists the folders with absent_since, in the order of store_list_folders; `each` may read the
 * gallery. */
int store_list_absences(struct store *store,
                        int (*each)(void *context, const struct store_absence *absence),
                        void *context, struct error *err) MUST_CHECK;

/* Replaces the records of these folders, in one transaction; a folder with neither device nor
 * absent_since loses its record. store_forget also deletes the records of folders at or below its
 * path. */
int store_set_folders(struct store *store, const struct store_folder *folders, size_t n,
                      struct error *err) MUST_CHECK;
