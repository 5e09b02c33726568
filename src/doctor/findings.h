/* SPDX-License-Identifier: MIT */
/* Private to doctor/: how the checks tell what they found. */
#pragma once

#include "doctor/doctor.h"

void doctor_find(const struct doctor_options *options, const char *check,
                 enum store_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "1 photo", "2 photos"; the caller frees. */
char *doctor_count(int64_t n, const char *noun);

/* ---- the checks; each is described in doctor.h ---- */

/* vectors and recall, in one pass over all vectors. */
void doctor_examine_vectors(struct store *store, const struct doctor_options *options);
void doctor_examine_files(struct store *store, const struct doctor_options *options);
void doctor_examine_damaged(struct store *store, const struct doctor_options *options);
void doctor_examine_failures(struct store *store, const struct doctor_options *options);
void doctor_examine_libraries(const struct doctor_options *options);
