/* SPDX-License-Identifier: MIT */
/* Examines the folder at a path; private to the files of gallery_folders.h. */
#pragma once

#include "indexer/gallery_folders.h"

/* Opens the folder and examines it through the returned descriptor, so that all results belong to
 * the same folder; the caller closes it. Returns < 0 if the folder is unreachable, with the reason
 * in *ret_verdict. */
int folder_look(const char *path, struct identity *ret_identity, bool *ret_empty,
                enum folder_verdict *ret_verdict);

/* Returns true if one of the identities in `recorded` is on the disk of `now`. */
bool folders_same_disk(const struct folders *folders, const char *recorded,
                       const struct identity *now);
