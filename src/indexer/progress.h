/* SPDX-License-Identifier: MIT */
/* The callbacks of an index run: throttled progress with a rate over a sliding window, notes, and
 * cancellation. All are made from the thread that called index_run. */
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
    size_t n_samples;                   /* number of samples ever taken */
    bool cancelled;
};

void progress_init(struct progress *p, const struct index_options *options);
/* Reports progress if a tenth of a second has passed since the last report, or if `forced`. */
void progress_show(struct progress *p, bool forced);
/* Sets the number of tasks, and starts measuring the rate. */
void progress_begin_work(struct progress *p, int64_t total);
/* Polls the caller's `cancelled`, and remembers a cancellation. */
bool progress_is_cancelled(struct progress *p);
void progress_note(const struct progress *p, const char *path, const char *sentence);
