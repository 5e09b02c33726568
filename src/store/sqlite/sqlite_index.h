/* SPDX-License-Identifier: MIT */
/* The vector index in memory of a gallery in a file, shared by all stores of this process that have
 * the file open, because it is large (half a gigabyte for a million photos) and takes seconds to
 * read.
 *
 * It is a sequence of immutable, reference-counted states: searches keep their state while the next
 * one is prepared, and neither waits for the other. States share the memory that they have in
 * common.
 *
 *     const struct index_state *state = sqlite_index_get(index);
 *     ... vectors_search(state->vectors, ...) ...
 *     sqlite_index_put(state);
 *
 *     sqlite_index_begin(index);
 *     ... sqlite_index_publish(index, index_state_new(vectors, change, last_id)) ...
 *     sqlite_index_end(index); */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "store/sqlite/sqlite_internal.h"
#include "vectors/vectors.h"

struct index_state {
    struct vectors *vectors;
    int64_t change;  /* gallery.change that it is of: only who sees the gallery at that very moment
                        may search it */
    int64_t last_id; /* the largest photo id that it knows of */
    atomic_int refs;
};

struct sqlite_index {
    pthread_mutex_t lock;       /* guards the pointer, held briefly */
    struct index_state *newest; /* NULL until the first search */
    pthread_mutex_t preparing;  /* held while a thread prepares the next state */

    struct sqlite_index *next; /* in the list of those that are shared */
    int refs;
    bool shared;
    uint64_t device, inode;
};

struct sqlite_index *sqlite_index_open(const struct sqlite *s);
void sqlite_index_close(struct sqlite_index *index); /* NULL is fine */

/* Takes a reference to the newest state; NULL when there is none. */
struct index_state *sqlite_index_get(struct sqlite_index *index);
void sqlite_index_put(struct index_state *state); /* NULL is fine */
/* Its change; 0: there is none. */
int64_t sqlite_index_change(struct sqlite_index *index);

/* One thread at a time prepares a state. */
void sqlite_index_begin(struct sqlite_index *index);
void sqlite_index_end(struct sqlite_index *index);
/* Takes the vectors over. */
struct index_state *index_state_new(struct vectors *vectors, int64_t change, int64_t last_id);
/* Takes the state over: it is the newest from now on. */
void sqlite_index_publish(struct sqlite_index *index, struct index_state *state);
