/* SPDX-License-Identifier: MIT */
/* Gives files their names so that after a crash or power cut there is the old file or the new one,
 * whole. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* Writes a temporary file beside `path`, syncs it, renames it over `path`, and syncs the folder
 * before returning. A symbolic link at `path` is replaced, not followed. Until it has its name,
 * nobody but its owner can open the file when `mode` says so. On failure the file is unchanged. */
int file_replace(const char *path, const void *data, size_t size, mode_t mode,
                 struct error *err) MUST_CHECK;

/* ---- the same for a file that was written elsewhere: a copy, an export ---- */

/* Whether a new file may have the name: ERR_INVALID when something else than a regular file is
 * there, or a regular file that is not to be replaced (--force). */
int file_check_place(const char *path, bool replace, struct error *err) MUST_CHECK;
/* Gives `complete`, which is synced and in the same folder, the name `path`, and syncs the folder.
 * A file that appeared since file_check_place is not replaced without `replace`. On failure
 * `complete` still has its name, except when the folder could not be synced. */
int file_put_in_place(const char *complete, const char *path, bool replace,
                      struct error *err) MUST_CHECK;
/* Brings the names in a folder to disk. */
int file_sync_folder(const char *folder, struct error *err) MUST_CHECK;
