/* SPDX-License-Identifier: MIT */
/* Reads the sidecars of one photo into memory, with limits. */
#pragma once

#include "base/file.h"
#include "indexer/sidecars.h"

struct sidecar_files {
    size_t n;
    struct sidecar contents[LIMIT_SIDECARS]; /* of the files that could be read */
    const char *names[LIMIT_SIDECARS];       /* of these files, without the folder */
    struct file files[LIMIT_SIDECARS];       /* their memory */
    char *remark; /* a sentence about those that could not be read; NULL: none */
};

/* The names in `set` are paths, and must live as long as *ret_files. */
void sidecar_files_read(const struct sidecar_set *set, struct sidecar_files *ret_files);
void sidecar_files_release(struct sidecar_files *files);
/* One sentence about the sidecars that could not be read, and those whose content is broken (bit i:
 * contents[i]); NULL if there are none. The caller frees it. */
char *sidecar_files_remark(const struct sidecar_files *files, unsigned broken);
