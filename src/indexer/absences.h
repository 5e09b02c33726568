/* SPDX-License-Identifier: MIT */
/* Folders that could not be reached at the end of a run, and the files that the gallery keeps below
 * them. */
#pragma once

#include "indexer/plan.h"

struct absence {
    const char *path; /* the topmost folder that cannot be reached; lives as long as the plan */
    enum folder_verdict verdict;
    int64_t files;
    int64_t since; /* unix seconds */
    bool is_new;   /* since this run */
    bool is_recorded;
};

struct absences {
    struct absence *items; /* in path order once absences_record was called */
    size_t n, cap;
};

#define ABSENCES_INIT \
    {                 \
        NULL, 0, 0    \
    }

void absences_add(struct absences *absences, const char *path, enum folder_verdict verdict);
/* Records them in the gallery, and forgets those below the plan's roots that can be reached again.
 */
int absences_record(struct absences *absences, struct plan *plan, struct store *store,
                    struct error *err) MUST_CHECK;
/* Counts them in the report, with a note about each; about one that the walk has noted, none. */
void absences_tell(const struct absences *absences, const struct plan *plan,
                   struct progress *progress);
void absences_release(struct absences *absences);
