/* SPDX-License-Identifier: MIT */
/* The callbacks of an index run: throttled progress with a rate over a sliding window, notes, and
 * cancellation. All are made on the thread that called index_run. */
#pragma once

#include "indexer/indexer.h"

struct progress_sample {
    double at; /* clock_seconds() */
    int64_t done;
};

struct progress {
    const struct index_options *options;
    struct index_progress now;
    double started, called;             /* clock_seconds() of the start and of the last callback */
    struct progress_sample samples[64]; /* a ring buffer of about 15 seconds */
    size_t n_samples;                   /* ever taken */
    bool cancelled;
};

void progress_init(struct progress *p, const struct index_options *options);
/* Shows the numbers when a tenth of a second has passed since the last time, or when `forced`. */
void progress_show(struct progress *p, bool forced);
/* The number of tasks is known: the rate counts from here. */
void progress_begin_work(struct progress *p, int64_t total);
/* Asks the caller, and remembers that it cancelled. */
bool progress_is_cancelled(struct progress *p);
void progress_note(const struct progress *p, const char *path, const char *sentence);
