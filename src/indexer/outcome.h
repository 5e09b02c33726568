/* SPDX-License-Identifier: MIT */
/* The result for one file. A decode thread creates it, the embedding thread adds the vector, and
 * the calling thread stores it. The thread that holds it owns it. */
#pragma once

#include "base/memory.h"
#include "indexer/plan.h"
#include "signals/signal_kind.h"

struct outcome {
    enum store_change_kind kind; /* STORE_CHANGE_NONE: nothing to store */
    struct task *task;
    bool has_hash;
    uint8_t hash[HASH_BYTES];
    int64_t id; /* MOVE, COPY: the photo with the same content; 0: the photo at `source` */
    const char
        *source; /* COPY: a path where this run stored the same content; MOVE: the previous path */
    const char *source_sidecars; /* TOUCH, COPY, MOVE: mark of the sidecars of that photo */
    bool has_facts;   /* TOUCH, COPY, MOVE: `facts` and `regions` were read again, and replace those
                         of the photo, whose vector it keeps */
    bool wants_facts; /* the same, as soon as there is memory for the decode */
    struct photo_facts facts;
    struct photo_regions *regions; /* ADD, has_facts: NULL: none */
    char *remark;       /* a sentence about sidecars that could not be read; NULL: none */
    float *kept_vector; /* has_facts: set when it is stored */
    float *pixels;      /* ADD: until embedded */
    /* ADD: one payload for each kind of signal_kinds, with data NULL if it could not be computed;
     * NULL: none */
    struct signal_payload *signals;
    const float *vector; /* ADD: belongs to the batch */
    bool is_duplicate;   /* ADD: decoded and embedded at another path of this run */
    bool is_lost;        /* COPY, MOVE: the source was changed by another process */
    bool is_deferred; /* ADD: a duplicate with sidecars of its own, which is done after this one */
    char *reason;     /* FAIL */
    char *versions;   /* FAIL: versions of the decoder that failed; NULL: the file was not read */
    struct outcome
        *duplicates;      /* other files of this run with the same content, waiting for this one */
    struct outcome *next; /* in the list of duplicates or of a batch */
};

struct outcome *outcome_new(struct task *task);
/* Copies the regions, and sets their mark in `facts`. */
void outcome_set_regions(struct outcome *outcome, const struct photo_regions *regions);
void outcome_free(struct outcome *outcome); /* frees its duplicates, but not `next`; NULL is fine */
DEFINE_AUTO(outcome, outcome_free)
