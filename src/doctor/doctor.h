/* SPDX-License-Identifier: MIT */
/* Is a gallery sound, and does its search find what it should? For either kind of store.
 *
 * doctor_run changes nothing and gives its findings one by one, in this order:
 *
 *     gallery    photos, failures, bytes, format of the tables
 *     model      the installed model gives vectors that compare with the gallery's
 *     ...        what the store says of itself (store_check)
 *     index      kind of the vector index, and how old it is
 *     vectors    every photo has one, of the right number of dimensions and of length 1
 *     recall     recall@10 of store_search against brute force over the float32 vectors, for up to
 *                DOCTOR_SAMPLE of the gallery's own vectors as queries
 *     failures   files that could not be read, by reason
 *     folders    those that the last index run could not reach; none when it reached all
 *     files      other photos whose files are gone from disk
 *     libraries  versions that are known as dangerous (known_bad.h)
 *
 * Recall is the share of the true ten nearest that a search brings, where a photo that scores as
 * well as the tenth counts as one of them. Brute force takes queries times photos: fewer queries
 * are taken above 50,000 photos, down to 20. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "store/store.h"

#define DOCTOR_SAMPLE 200
#define DOCTOR_NEAREST 10
/* Below it, searches miss too much. */
#define DOCTOR_RECALL 0.95

/* A library that the program is linked with: "libwebp", "1.2.4". */
struct library {
    char name[32], version[32];
};

struct doctor_options {
    const struct store_model *model; /* that is installed for this gallery; or NULL */
    const char *no_model;            /* when it is NULL: why */
    /* The verdicts: good; a warning, which leaves the gallery healthy; bad. */
    void (*each)(void *context, const struct store_finding *finding);
    void (*progress)(void *context, int64_t done, int64_t total); /* may be NULL */
    void *context;
    const struct library *libraries; /* to be judged; none: 0 */
    size_t library_count;
};

/* What cannot be examined is a bad finding, not an error. */
void doctor_run(struct store *store, const struct doctor_options *options);
