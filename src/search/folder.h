/* SPDX-License-Identifier: MIT */
/* Resolves a folder as people write it to the folder in the gallery. The gallery stores the
 * resolved paths of roots, but a photo that was indexed through a link inside a root has a path
 * that contains the link. */
#pragma once

#include "base/error.h"
#include "store/store.h"

/* Expands "~/", "..", doubled slashes and links in `given`, but keeps a link if only the path
 * through it has photos. With `relative`, a relative path is relative to the current folder;
 * otherwise it is returned unchanged, and the store refuses it. The caller frees *ret_folder. */
int folder_find(struct store *store, const char *given, bool relative, char **ret_folder,
                struct error *err) MUST_CHECK;
