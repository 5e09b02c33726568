/* SPDX-License-Identifier: MIT */
/* Counters of the server in Prometheus' text format (version 0.0.4). */
#pragma once

#include <stddef.h>

#include "base/strbuf.h"

struct metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m); /* NULL is fine */

/* Counts a finished request. route: its index in the table `routes`, or -1 for anything else. */
void metrics_count(struct metrics *m, int route, int status, double seconds);

/* Appends all counters. */
int metrics_write(struct metrics *m, struct strbuf *text, struct error *err) MUST_CHECK;
/* Adds one gauge: "keepsake_connections 3" with its help and type. */
int metrics_gauge(struct strbuf *text, const char *name, const char *help, double value,
                  struct error *err) MUST_CHECK;
