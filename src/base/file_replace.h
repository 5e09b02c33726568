/* SPDX-License-Identifier: MIT */
/* Replaces a small file atomically: after a crash or power cut it has either the old or the new
 * content. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* Writes a temporary file beside `path`, syncs it, renames it over `path`, and syncs the folder
 * before returning. A symbolic link at `path` is replaced, not followed. On failure the file is
 * unchanged. */
int file_replace(const char *path, const void *data, size_t size, mode_t mode,
                 struct error *err) MUST_CHECK;
