/* SPDX-License-Identifier: MIT */
/* Maintains a gallery's thumbnails for commands. They are only a cache: no failure here fails a
 * command, it is only remarked. */
#pragma once

#include "cli/context.h"
#include "thumbs/thumbs.h"

/* Opens context->thumbs, which stays NULL if that fails. */
void thumbnails_open(struct context *context);

/* Makes the missing thumbnails of photos at or below the paths, with progress, and reports their
 * number. Needs context->thumbs and an open gallery. ERR_CANCELLED, errors of the store. */
int thumbnails_fill(struct context *context, const char *const *paths, size_t n,
                    struct error *err) MUST_CHECK;

/* Removes the thumbnails of all photos at or below an absolute path, before the photos are
 * forgotten. */
void thumbnails_forget(struct context *context, const char *path);
