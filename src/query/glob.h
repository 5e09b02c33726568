/* SPDX-License-Identifier: MIT */
/* Patterns of file names: "*" stands for any characters or none, "?" for one; everything else for
 * itself, the letters a to z for either case. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Whether the last part of `path` [length], which need not be UTF-8, is as `pattern` says, which is
 * in lower case. "?" stands for one byte that is not part of a longer character, or a whole one. */
bool glob_matches_path(const char *pattern, const char *path, size_t length);
/* A copy with the letters A to Z in lower case; the caller frees. */
char *glob_lower(const char *text);
