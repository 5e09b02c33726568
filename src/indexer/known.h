/* SPDX-License-Identifier: MIT */
/* An in-memory table of the gallery's files, with hash tables by path and by content.
 *
 * It takes about 100 bytes plus the path per file. One thread builds it; afterwards any number of
 * threads may look up files. The caller synchronises access to the marks (presence, claimed). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/hash_table.h"
#include "indexer/arena.h"
#include "store/store.h"

/* The state of a gallery's file on disk. */
enum known_presence {
    KNOWN_UNSEEN = 0, /* not examined yet */
    KNOWN_UNCHANGED,  /* exists, with the recorded size and time */
    KNOWN_CHANGED,    /* another file is at its path, or its state is unknown */
    KNOWN_GONE,       /* no file is at its path */
    KNOWN_AWAY,       /* no file is at its path, and its disk is missing */
};

struct known_file {
    const char *path;
    int64_t id;                              /* id of the photo; 0 for a failure */
    int64_t size, mtime_ns, ctime_ns, inode; /* the last two: 0 if unknown */
    uint8_t hash[HASH_BYTES];                /* zeros when never read */
    const char *sidecars, *regions;          /* marks of what its facts and labels were read from */
    uint32_t next_alike; /* index + 1 of the next photo with the same content; 0: none */
    bool failed;
    bool dropped;     /* another program deleted its photo; also `failed` */
    bool is_unsound;  /* its vector is damaged or missing; its content counts as unknown */
    bool is_outdated; /* it failed with other versions of programs than the present ones */
    bool same_size;   /* a file exists at its path, with the recorded size if that is known */
    bool claimed;     /* this run moves it to another path */
    enum known_presence presence;
};

struct known {
    struct known_file *files; /* in path order */
    size_t n, cap;
    struct hash_table by_path, by_content; /* by_content contains photos only */
    struct arena paths;
};

/* Loads all files of the gallery. ERR_LIMIT above 2^31 files. */
int known_load(struct store *store, struct known *ret_known, struct error *err) MUST_CHECK;
void known_release(struct known *known);

struct known_file *known_find(const struct known *known, const char *path); /* NULL: none */
/* Return the first photo (not a failure) with this content, and the next one after `file`; NULL if
 * there is none. */
struct known_file *known_first_alike(const struct known *known, const uint8_t hash[HASH_BYTES]);
struct known_file *known_next_alike(const struct known *known, const struct known_file *file);

/* Returns the number of files at or below `path`. */
size_t known_count_below(const struct known *known, const char *path);
/* Returns false for a failure whose content could not be read. */
bool known_was_read(const struct known_file *file);
