/* SPDX-License-Identifier: MIT */
/* Paths as people type and read them. All results are the caller's to free. Absolute means: unless
 * the current folder was removed; relative paths then stay as they are. */
#pragma once

#include <stdbool.h>

/* Absolute, without ".", ".." and doubled slashes. The part that exists is resolved (symbolic
 * links, too); what no longer exists follows as it was written: photos of a vanished disk can be
 * named. */
char *path_resolve(const char *path);

/* Absolute and tidied by its text alone: links are not followed. */
char *path_absolute(const char *path);

/* Absolute, and otherwise as it was written. */
char *path_from_here(const char *path);

/* "~/x" as $HOME/x; all else as it is. */
char *path_expand_home(const char *path);

/* Whether the path is the folder or lies below it, by their text; both are absolute and tidy. */
bool path_is_below(const char *path, const char *folder);

/* Whether the path is on a file system of another machine, or of a program (FUSE): locks and shared
 * memory cannot be relied on there. False where that cannot be told. */
bool path_on_network(const char *path);
