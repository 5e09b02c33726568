/* SPDX-License-Identifier: MIT */
/* What a gallery remembers of folders, for the index runs to come. */
#pragma once

#include "store/store.h"

struct store_folder {
    const char *path;     /* absolute; borrowed */
    const char *device;   /* which folder it is, on which file system, in the indexer's words; "":
                             not known. Borrowed. */
    int64_t absent_since; /* unix seconds: since when it cannot be reached; 0: it can be */
};

/* In path order (memcmp). A non-zero return of `each` stops and is returned; `each` must not use
 * this store. None in a gallery whose tables are older. */
int store_list_folders(struct store *store,
                       int (*each)(void *context, const struct store_folder *folder), void *context,
                       struct error *err) MUST_CHECK;

/* A folder that cannot be reached, and what the gallery keeps of it. */
struct store_absence {
    const char *path; /* borrowed */
    int64_t since;    /* unix seconds */
    int64_t files;    /* photos and failures at or below it */
};

/* The folders with absent_since, as store_list_folders lists them; `each` may read the gallery. */
int store_list_absences(struct store *store,
                        int (*each)(void *context, const struct store_absence *absence),
                        void *context, struct error *err) MUST_CHECK;

/* Remembers all of them, in place of what was remembered, in one transaction; one with neither
 * device nor absent_since is forgotten. store_forget also forgets folders at or below its path. */
int store_set_folders(struct store *store, const struct store_folder *folders, size_t n,
                      struct error *err) MUST_CHECK;
