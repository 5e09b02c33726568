/* SPDX-License-Identifier: MIT */
/* What commands do with a gallery's thumbnails. They are only a cache: none of this fails a
 * command, a remark says what did not work. */
#pragma once

#include "cli/context.h"
#include "thumbs/thumbs.h"

/* Opens context->thumbs, which stays NULL when that is not possible. */
void thumbnails_open(struct context *context);

/* Makes those that photos at or below the paths lack, with progress, and says how many. Needs
 * context->thumbs and an open gallery. ERR_CANCELLED, errors of the store. */
int thumbnails_fill(struct context *context, const char *const *paths, size_t n,
                    struct error *err) MUST_CHECK;

/* Removes those of all photos at or below an absolute path, before they are forgotten. */
void thumbnails_forget(struct context *context, const char *path);
