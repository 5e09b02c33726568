/* SPDX-License-Identifier: MIT */
/* An edit that keeps size and time of a file: seen by its ctime, which every change sets and no
 * program can set back, and by its inode, which an editor that writes a new file changes.
 *
 * Both also change without the content: by chmod, a hard link, a copy to another disk. So what
 * differs is only read again, and embedded again when its SHA-256 is another. Where a file system
 * gives all files other inodes than before, as some network shares do at each mount, inodes say
 * nothing, and the new ones are recorded unread; so are those of a gallery that knows none yet. */
#pragma once

#include "indexer/known.h"
#include "indexer/walk.h"

/* A file of the gallery whose ctime and inode are to be recorded, or whose inode is another. */
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
    struct stamp_list unknown;  /* nothing is recorded of them yet */
    struct stamp_list suspects; /* same ctime, another inode */
    struct stamp_list steady;   /* one file that kept its inode for each device */
};

enum stamp_answer {
    STAMP_SAME,   /* nothing to do now */
    STAMP_VERIFY, /* read it */
};

void stamps_release(struct stamps *stamps);

/* The ctime to record of what the walk saw: 0, not known, where it is not past, as on a file system
 * that makes it up when it is asked, or of a server whose clock is ahead. */
int64_t stamps_ctime(const struct walk_file *file);
/* For a file with the size and time that the gallery has. */
enum stamp_answer stamps_compare(struct stamps *stamps, struct known_file *known,
                                 const struct walk_file *file);

/* After the walk: true when inodes mean something on the suspect's device, so that it must be read.
 */
bool stamps_must_read(const struct stamps *stamps, const struct stamp *suspect);
/* Records ctime and inode of what is not to be read. */
int stamps_record(const struct stamps *stamps, struct store *store, struct error *err) MUST_CHECK;
