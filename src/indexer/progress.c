/* SPDX-License-Identifier: MIT */
/* Reports progress with a rate over a sliding window, and polls for cancellation. */
#include "indexer/progress.h"

#include "base/clock.h"

#define SHOW_EVERY_S 0.1
#define SAMPLE_EVERY_S 0.25
#define SAMPLES (sizeof((struct progress *)0)->samples / sizeof(struct progress_sample))

void progress_init(struct progress *p, const struct index_options *options)
{
    *p = (struct progress){.options = options, .started = clock_seconds()};
    p->now.walking = true;
    p->now.seconds_left = -1;
}

static void take_sample(struct progress *p, double now)
{
    const struct progress_sample *last = &p->samples[(p->n_samples - 1) % SAMPLES];
    if (p->n_samples == 0 || now - last->at >= SAMPLE_EVERY_S)
        p->samples[p->n_samples++ % SAMPLES] = (struct progress_sample){now, p->now.done};
}

static void estimate(struct progress *p, double now)
{
    size_t oldest = p->n_samples > SAMPLES ? p->n_samples - SAMPLES : 0;
    const struct progress_sample *from = &p->samples[oldest % SAMPLES];
    double span = now - from->at;
    double rate = span > 0 ? (double)(p->now.done - from->done) / span : 0;
    p->now.photos_per_second = rate;
    p->now.seconds_left = rate > 0 ? (double)(p->now.total - p->now.done) / rate : -1;
}

void progress_show(struct progress *p, bool forced)
{
    double now = clock_seconds();
    if (!forced && now - p->called < SHOW_EVERY_S)
        return;
    p->called = now;
    p->now.report.seconds = now - p->started;
    if (!p->now.walking) {
        take_sample(p, now);
        estimate(p, now);
    }
    if (p->options->progress)
        p->options->progress(p->options->context, &p->now);
}

void progress_begin_work(struct progress *p, int64_t total)
{
    p->now.walking = false;
    p->now.total = total;
    take_sample(p, clock_seconds());
}

bool progress_is_cancelled(struct progress *p)
{
    if (!p->cancelled && p->options->cancelled)
        p->cancelled = p->options->cancelled(p->options->context);
    return p->cancelled;
}

void progress_note(const struct progress *p, const char *path, const char *sentence)
{
    if (p->options->note)
        p->options->note(p->options->context, path, sentence);
}
