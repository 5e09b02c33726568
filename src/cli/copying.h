/* SPDX-License-Identifier: MIT */
/* Shared by export and import: the progress meter, the report, and the comparison of galleries. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "cli/context.h"
#include "cli/meter.h"
#include "transfer/transfer.h"

struct copying {
    struct meter meter;
};

/* Shows progress, reports photos that are left out, and makes Ctrl-C end the copy cleanly; *c must
 * outlive the result. */
struct transfer_options copying_start(struct copying *c, bool quiet);
void copying_end(struct copying *c);

/* Prints "exported 12 photos and 1 failed file, 2 photos left out" on stdout, without a newline. */
void copying_print(const char *verb, const struct transfer_report *r);
/* Returns the same as an object, which the caller releases. */
json_t *copying_json(const char *file, const struct transfer_report *r);

/* Whether `file` is the gallery that the settings name. */
bool copying_is_gallery(const struct context *context, const char *file);
