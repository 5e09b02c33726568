/* SPDX-License-Identifier: MIT */
/* What export and import share: the meter, the report, and telling galleries apart. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "cli/context.h"
#include "cli/meter.h"
#include "transfer/transfer.h"

struct copying {
    struct meter meter;
};

/* Shows progress, reports photos that are left out, and makes Ctrl-C an orderly end; *c must
 * outlive what is returned. */
struct transfer_options copying_start(struct copying *c, bool quiet);
void copying_end(struct copying *c);

/* "exported 12 photos and 1 failed file, 2 photos left out" on stdout, without a newline. */
void copying_print(const char *verb, const struct transfer_report *r);
/* The same as an object; the caller's to release. */
json_t *copying_json(const char *file, const struct transfer_report *r);

/* True when `file` is the gallery that the settings name. */
bool copying_is_gallery(const struct context *context, const char *file);
