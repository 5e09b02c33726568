/* SPDX-License-Identifier: MIT */
/* What a gallery remembers about files that index runs leave out: the owner's exclusion patterns,
 * which apply to all later runs, and the number of files of unsupported kinds below each indexed
 * folder. */
#pragma once

#include "base/error.h"
#include "base/json.h"
#include "indexer/indexer.h"
#include "indexer/path_set.h"

struct exclusions {
    const char **patterns; /* borrowed from `kept` */
    size_t n;
    json_t *kept;
};

/* The patterns of the gallery; first those of the options are added to them, or put in their place
 * (forget_excluded). */
int exclusions_open(struct store *store, const struct index_options *options,
                    struct exclusions *ret_exclusions, struct error *err) MUST_CHECK;
void exclusions_close(struct exclusions *exclusions);

/* The patterns, a new array of texts. Empty in a gallery whose tables are older. */
int exclusions_list(struct store *store, json_t **ret_patterns, struct error *err) MUST_CHECK;
/* Files of kinds that are not read, below all folders that were indexed. */
int exclusions_count_unread(struct store *store, int64_t ret_counts[NAME_UNREAD_KINDS],
                            struct error *err) MUST_CHECK;

/* Drops the counts of the folders at or below `path`. */
int exclusions_forget_unread(struct store *store, const char *path, struct error *err) MUST_CHECK;

/* After a walk over `roots`: counts[i] are those of roots->paths[i]. */
int exclusions_record_unread(struct store *store, const struct path_set *roots,
                             const int64_t (*counts)[NAME_UNREAD_KINDS],
                             struct error *err) MUST_CHECK;
