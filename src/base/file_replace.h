/* SPDX-License-Identifier: MIT */
/* A small file becomes another, whole or not at all: also after a power cut there is either what it
 * was or what it is to be. */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* Written beside it, on disk before it takes the name, and the name on disk before this returns.
 * A link at `path` is replaced, not followed. On failure the file is as it was. */
int file_replace(const char *path, const void *data, size_t size, mode_t mode,
                 struct error *err) MUST_CHECK;
