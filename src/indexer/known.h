/* SPDX-License-Identifier: MIT */
/* The gallery's files in memory, with hash tables by path and by content.
 *
 * About 100 bytes and the path for each file. Built by one thread; afterwards any number of threads
 * may look up. The caller guards the marks (presence, claimed). */
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
    KNOWN_UNCHANGED,  /* there, with the size and time of the gallery */
    KNOWN_CHANGED,    /* another file is at its path, or its state is unknown */
    KNOWN_GONE,       /* no file is at its path */
    KNOWN_AWAY,       /* no file is at its path, and its disk is missing */
};

struct known_file {
    const char *path;
    int64_t id;                              /* of the photo; 0 for a failure */
    int64_t size, mtime_ns, ctime_ns, inode; /* the last two: 0 when not known */
    uint8_t hash[HASH_BYTES];                /* zeros when never read */
    uint32_t next_alike; /* place + 1 of the next photo with the same content; 0: none */
    bool failed;
    bool is_unsound;  /* the photo's vector is damaged or missing: its content counts as unknown */
    bool is_outdated; /* it failed with other programs than there are now */
    bool same_size;   /* something is at its path; of its size, where that is known */
    bool claimed;     /* this run moves it to another path */
    enum known_presence presence;
};

struct known {
    struct known_file *files; /* in path order */
    size_t n, cap;
    struct hash_table by_path, by_content; /* of the files; the second of photos only */
    struct arena paths;
};

/* All files of the gallery. ERR_LIMIT above 2^31 files. */
int known_load(struct store *store, struct known *ret_known, struct error *err) MUST_CHECK;
void known_release(struct known *known);

struct known_file *known_find(const struct known *known, const char *path); /* NULL: none */
/* The first photo (no failure) with this content, and the one after `file`; NULL: none. */
struct known_file *known_first_alike(const struct known *known, const uint8_t hash[HASH_BYTES]);
struct known_file *known_next_alike(const struct known *known, const struct known_file *file);

/* How many files lie at or below `path`. */
size_t known_count_below(const struct known *known, const char *path);
/* False for a failure whose content could not be read. */
bool known_was_read(const struct known_file *file);
