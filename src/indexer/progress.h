/* SPDX-License-Identifier: MIT */
/* The callbacks of an index run: throttled progress with a rate over a sliding window, notes,
 * and the question whether to stop. All of it from the thread that called index_run. */
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
    struct progress_sample samples[64]; /* a ring over the last 15 seconds or so */
    size_t n_samples;                   /* ever taken */
    bool cancelled;
};

void progress_init(struct progress *p, const struct index_options *options);
/* Shows the numbers when a tenth of a second has passed since the last time, or when `forced`. */
void progress_show(struct progress *p, bool forced);
/* The files to work on are known from now on: the rate counts from here. */
void progress_begin_work(struct progress *p, int64_t total);
/* Asks the caller, and remembers a yes. */
bool progress_is_cancelled(struct progress *p);
void progress_note(const struct progress *p, const char *path, const char *sentence);
