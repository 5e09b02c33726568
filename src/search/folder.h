/* SPDX-License-Identifier: MIT */
/* A folder as people write it becomes the one that the gallery knows. Photos are kept under the
 * path that links lead to; those that were indexed through another link are known as it is
 * written. */
#pragma once

#include "base/error.h"
#include "store/store.h"

/* `given` without "~/", "..", doubled slashes and links; with those links that photos are known by,
 * where only that way has photos. A relative path is taken from the current folder when `relative`
 * says so, else it stays as it is, which no store takes. The caller frees. */
int folder_find(struct store *store, const char *given, bool relative, char **ret_folder,
                struct error *err) MUST_CHECK;
