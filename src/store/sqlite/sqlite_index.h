/* SPDX-License-Identifier: MIT */
/* The index in memory of a gallery in a file: one for all of this process that have the file open,
 * as it is large (half a gigabyte for a million photos) and takes seconds to read.
 *
 *     struct sqlite_index *index = sqlite_index_open(s);
 *     sqlite_index_read(index); ... vectors_search(index->vectors, ...) ...
 * sqlite_index_end(index); sqlite_index_write(index); ... changes it ... sqlite_index_end(index);
 *
 * `change` is the value of gallery.change that the vectors are of: only who sees the gallery at
 * that very moment may search them. */
#pragma once

#include <pthread.h>

#include "store/sqlite/sqlite_internal.h"
#include "vectors/vectors.h"

struct sqlite_index {
    struct vectors *vectors; /* NULL until the first search */
    int64_t change;          /* gallery.change they were read at; 0: never */
    int64_t last_id;         /* the largest photo id among them */

    pthread_rwlock_t lock;
    struct sqlite_index *next; /* in the list of those that are shared */
    int refs;
    bool shared;
    uint64_t device, inode;
};

struct sqlite_index *sqlite_index_open(const struct sqlite *s);
void sqlite_index_close(struct sqlite_index *index); /* NULL is fine */

void sqlite_index_read(struct sqlite_index *index);
void sqlite_index_write(struct sqlite_index *index);
void sqlite_index_end(struct sqlite_index *index);
/* While writing. */
void sqlite_index_clear(struct sqlite_index *index);
