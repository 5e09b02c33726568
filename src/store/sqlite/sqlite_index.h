/* SPDX-License-Identifier: MIT */
/* The in-memory vector index of a gallery in a file. All stores of this process that have the file
 * open share it, because it is large (half a gigabyte for a million photos) and takes seconds to
 * load.
 *
 * The index is a sequence of immutable, reference-counted states. Searches keep their state while
 * the next one is prepared, and neither waits for the other. States share the memory of common
 * content.
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
#include "store/sqlite/sqlite_rankings.h"
#include "vectors/vectors.h"

struct index_state {
    struct vectors *vectors;
    int64_t change;  /* the gallery.change of its content: only a transaction that sees the same
                        value may search it */
    int64_t last_id; /* the largest photo id in it */
    struct sqlite_rankings *rankings; /* of searches; they have a lock of their own */
    atomic_int refs;
};

struct sqlite_index {
    pthread_mutex_t lock;       /* guards `newest`; held briefly */
    struct index_state *newest; /* NULL until the first search */
    pthread_mutex_t preparing;  /* held while a thread prepares the next state */

    struct sqlite_index *next; /* in the list of shared indexes */
    int refs;
    bool shared;
    uint64_t device, inode;
};

struct sqlite_index *sqlite_index_open(const struct sqlite *s);
void sqlite_index_close(struct sqlite_index *index); /* NULL is fine */

/* Takes a reference to the newest state; returns NULL if there is none. */
struct index_state *sqlite_index_get(struct sqlite_index *index);
void sqlite_index_put(struct index_state *state); /* NULL is fine */
/* Returns the change of the newest state; 0 if there is none. */
int64_t sqlite_index_change(struct sqlite_index *index);

/* Calls `use` in a transaction with the state of its snapshot, after sqlite_filter_prepare(where);
 * not for a gallery without a model. */
int sqlite_in_state(struct sqlite *s, const struct criteria *where,
                    int (*use)(struct sqlite *s, const struct index_state *state, void *context,
                               struct error *err),
                    void *context, struct error *err) MUST_CHECK;

/* Bracket the preparation of a state, which one thread at a time may do. */
void sqlite_index_begin(struct sqlite_index *index);
void sqlite_index_end(struct sqlite_index *index);
/* Makes a state and takes ownership of the vectors. */
struct index_state *index_state_new(struct vectors *vectors, int64_t change, int64_t last_id);
/* Takes ownership of the state and makes it the newest. */
void sqlite_index_publish(struct sqlite_index *index, struct index_state *state);
