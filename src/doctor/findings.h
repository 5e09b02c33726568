/* SPDX-License-Identifier: MIT */
/* Reports the findings of the checks; private to doctor/. */
#pragma once

#include "doctor/doctor.h"

void doctor_find(const struct doctor_options *options, const char *check,
                 enum store_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "1 photo", "2 photos"; the caller frees it. */
char *doctor_count(int64_t n, const char *noun);

/* ---- the checks; each is described in doctor.h ---- */

/* Checks vectors and recall, in one scan of all vectors. */
void doctor_examine_vectors(struct store *store, const struct doctor_options *options);
void doctor_examine_files(struct store *store, const struct doctor_options *options);
void doctor_examine_damaged(struct store *store, const struct doctor_options *options);
void doctor_examine_failures(struct store *store, const struct doctor_options *options);
void doctor_examine_libraries(const struct doctor_options *options);
