/* SPDX-License-Identifier: MIT */
/* The unreachable folders at the end of a run, and the number of files that the gallery keeps below
 * them. */
#pragma once

#include "indexer/plan.h"

struct absence {
    const char *path; /* the topmost unreachable folder; valid as long as the plan */
    enum folder_verdict verdict;
    int64_t files;
    int64_t since; /* unix seconds */
    bool is_new;   /* became unreachable in this run */
    bool is_recorded;
};

struct absences {
    struct absence *items; /* in path order after absences_record */
    size_t n, cap;
};

#define ABSENCES_INIT \
    {                 \
        NULL, 0, 0    \
    }

void absences_add(struct absences *absences, const char *path, enum folder_verdict verdict);
/* Records the unreachable folders in the gallery, and deletes the records of folders below the
 * plan's roots that are reachable again. */
int absences_record(struct absences *absences, struct plan *plan, struct store *store,
                    struct error *err) MUST_CHECK;
/* Counts them in the report, and sends a note about each that the walk has not reported already. */
void absences_tell(const struct absences *absences, const struct plan *plan,
                   struct progress *progress);
void absences_release(struct absences *absences);
