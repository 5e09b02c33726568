/* SPDX-License-Identifier: MIT */
/* Identifies a folder and its file system, to distinguish an unmounted disk, or another disk in its
 * place, from a folder whose photos were deleted. No single number does that: device numbers change
 * when a disk is reconnected, and are then reused for other disks; many network shares have 0 as
 * the id of the file system; inode numbers repeat on different disks. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct identity {
    uint64_t device; /* st_dev */
    uint64_t system; /* f_fsid of statfs; 0: unknown */
    uint64_t inode;
    int64_t born_ns; /* creation time of the folder; 0: unknown */
};

/* Gets the identity of an open folder (O_PATH is enough). Returns 0 or an errno. */
int identity_of(int fd, struct identity *ret_identity) __attribute__((warn_unused_result));

/* Returns true if both are, as far as can be determined, on the same mounted file system. */
bool identity_same_device(const struct identity *a, const struct identity *b);
/* Returns true if both are the same folder of the same file system. */
bool identity_same_folder(const struct identity *a, const struct identity *b);
/* Returns false if another disk mounted at the same path could have the same identity. */
bool identity_is_certain(const struct identity *identity);

/* Size of the text form stored in the gallery, including the NUL. */
#define IDENTITY_TEXT_SIZE 72
void identity_write(const struct identity *identity, char ret_text[IDENTITY_TEXT_SIZE]);
/* Reads an identity at *text and moves *text past it and the blanks after it; returns false if
 * there is none. */
bool identity_read(const char **text, struct identity *ret_identity);
