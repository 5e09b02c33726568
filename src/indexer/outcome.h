/* SPDX-License-Identifier: MIT */
/* The result for one file: created by a decode thread, given its vector by the embedding thread,
 * stored by the calling thread. Owned by the thread that holds it. */
#pragma once

#include "base/memory.h"
#include "indexer/plan.h"

struct outcome {
    enum store_change_kind kind; /* STORE_CHANGE_NONE: nothing to store */
    struct task *task;
    bool has_hash;
    uint8_t hash[HASH_BYTES];
    int64_t id; /* MOVE, COPY: the photo with the same content; 0: the photo at `source` */
    const char
        *source; /* COPY: a path where this run stored the same content; MOVE: the previous path */
    struct photo_facts facts;
    float *pixels;       /* ADD: until embedded */
    const float *vector; /* ADD: belongs to the batch */
    bool is_duplicate;   /* ADD: decoded and embedded at another path of this run */
    bool is_lost;        /* COPY, MOVE: the source was changed by another process */
    char *reason;        /* FAIL */
    char *versions; /* FAIL: versions of the decoder that failed; NULL: the file was not read */
    struct outcome
        *duplicates;      /* other files of this run with the same content, waiting for this one */
    struct outcome *next; /* among duplicates, or in a batch */
};

struct outcome *outcome_new(struct task *task);
void outcome_free(struct outcome *outcome); /* with its duplicates, not with `next`; NULL is fine */
DEFINE_AUTO(outcome, outcome_free)
