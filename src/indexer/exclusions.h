/* SPDX-License-Identifier: MIT */
/* The gallery's records of files that index runs leave out: the owner's exclusion patterns, which
 * apply to all later runs, and the number of files of unsupported kinds below each indexed folder.
 */
#pragma once

#include "base/error.h"
#include "base/json.h"
#include "indexer/indexer.h"
#include "indexer/path_set.h"

struct exclusions {
    const char **patterns; /* strings borrowed from `kept` */
    size_t n;
    json_t *kept;
};

/* Adds the patterns of the options to those of the gallery, or replaces them (forget_excluded), and
 * then gets all patterns of the gallery. */
int exclusions_open(struct store *store, const struct index_options *options,
                    struct exclusions *ret_exclusions, struct error *err) MUST_CHECK;
void exclusions_close(struct exclusions *exclusions);

/* Gets the patterns as a new array of strings, which is empty if the gallery's format is older than
 * patterns. */
int exclusions_list(struct store *store, json_t **ret_patterns, struct error *err) MUST_CHECK;
/* Counts the files of unsupported kinds below all indexed folders. */
int exclusions_count_unread(struct store *store, int64_t ret_counts[NAME_UNREAD_KINDS],
                            struct error *err) MUST_CHECK;

/* Deletes the counts of the folders at or below `path`. */
int exclusions_forget_unread(struct store *store, const char *path, struct error *err) MUST_CHECK;

/* Records the counts after a walk over `roots`; counts[i] belongs to roots->paths[i]. */
int exclusions_record_unread(struct store *store, const struct path_set *roots,
                             const int64_t (*counts)[NAME_UNREAD_KINDS],
                             struct error *err) MUST_CHECK;
