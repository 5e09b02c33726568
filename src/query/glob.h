/* SPDX-License-Identifier: MIT */
/* Patterns of file names: "*" matches any number of characters, "?" one character; all others match
 * themselves, ignoring the case of a to z. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Returns whether the last component of `path` [length], which need not be UTF-8, matches
 * `pattern`, which is in lower case. "?" matches a complete character, or one byte that is not part
 * of a character. */
bool glob_matches_path(const char *pattern, const char *path, size_t length);
/* Returns a copy with the letters A to Z in lower case; the caller frees it. */
char *glob_lower(const char *text);
