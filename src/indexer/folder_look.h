/* SPDX-License-Identifier: MIT */
/* Examines the folder at a path; private to the files of gallery_folders.h. */
#pragma once

#include "indexer/gallery_folders.h"

/* Opens the folder and looks at it through that opening, so that what is said is true of one and
 * the same folder; the caller closes. < 0: *ret_verdict says why it cannot be reached. */
int folder_look(const char *path, struct identity *ret_identity, bool *ret_empty,
                enum folder_verdict *ret_verdict);

/* True when the disk `now` is one that the identities in `recorded` are of. */
bool folders_same_disk(const struct folders *folders, const char *recorded,
                       const struct identity *now);
