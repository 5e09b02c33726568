/* SPDX-License-Identifier: MIT */
/* Paths as people type and read them. All results are the caller's to free. "Absolute" has one
 * exception: when the current folder was removed, relative paths stay as they are. */
#pragma once

#include <stdbool.h>

/* Absolute, without ".", ".." and doubled slashes. The part that exists is resolved, symbolic links
 * included; the rest stays as written, so that photos on a missing disk can be named. */
char *path_resolve(const char *path);

/* Absolute and tidied by its text alone: links are not followed. */
char *path_absolute(const char *path);

/* Absolute, otherwise as written. */
char *path_from_here(const char *path);

/* Replaces a leading "~/" by $HOME; other paths are copied. */
char *path_expand_home(const char *path);

/* Whether the path is the folder or below it, compared as text. Both must be absolute and tidy. */
bool path_is_below(const char *path, const char *folder);

/* Whether the path is on a network or FUSE file system, where locks and shared memory are not
 * reliable. False when that cannot be determined. */
bool path_on_network(const char *path);
