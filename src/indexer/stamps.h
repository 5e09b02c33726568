/* SPDX-License-Identifier: MIT */
/* Detects edits that keep the size and mtime of a file, by its ctime, which every change sets and
 * no program can set back, and by its inode, which changes when an editor writes a new file.
 *
 * Both may also change without the content: by chmod, a hard link, a copy to another disk.
 * Therefore a file with a difference is only read again, and embedded again only if its SHA-256 has
 * changed. Some file systems give all files new inodes at each mount, as some network shares do.
 * There, inodes are ignored, and the new ones are recorded without reading the files. The same
 * applies to a gallery without recorded inodes. */
#pragma once

#include "indexer/known.h"
#include "indexer/walk.h"

/* A file of the gallery whose ctime and inode are to be recorded, or whose inode has changed. */
struct stamp {
    struct known_file *file;
    int64_t ctime_ns;
    uint64_t device, inode;
};

struct stamp_list {
    struct stamp *items;
    size_t n, cap;
};

struct stamps {
    struct stamp_list unknown;  /* files without recorded values */
    struct stamp_list suspects; /* same ctime, another inode */
    struct stamp_list steady;   /* for each device, one file with an unchanged inode */
};

enum stamp_answer {
    STAMP_SAME,   /* nothing to do now */
    STAMP_VERIFY, /* read it */
};

void stamps_release(struct stamps *stamps);

/* Returns the ctime to record for a file of the walk. It is 0 (unknown) if it is not in the past,
 * as on a file system that generates it for each call, or on a server whose clock is ahead. */
int64_t stamps_ctime(const struct walk_file *file);
/* Compares a file whose size and mtime match the gallery. */
enum stamp_answer stamps_compare(struct stamps *stamps, struct known_file *known,
                                 const struct walk_file *file);

/* After the walk: returns true if inodes are meaningful on the suspect's device, so that it must be
 * read. */
bool stamps_must_read(const struct stamps *stamps, const struct stamp *suspect);
/* Records ctime and inode of files that are not read. */
int stamps_record(const struct stamps *stamps, struct store *store, struct error *err) MUST_CHECK;
