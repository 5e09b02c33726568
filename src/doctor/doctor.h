/* SPDX-License-Identifier: MIT */
/* Checks whether a gallery is intact, and whether its search finds the right photos, for either
 * kind of store.
 *
 * doctor_run changes nothing and reports its findings one by one, in this order:
 *
 *     gallery    photos, failures, bytes, format of the tables
 *     model      whether the installed model's vectors are comparable with the gallery's
 *     ...        the findings of the store itself (store_check)
 *     index      kind of the vector index, and its age
 *     vectors    every photo has one, with the right number of dimensions and of length 1
 *     recall     recall@10 of store_search against brute force over the float32 vectors, for up to
 *                DOCTOR_SAMPLE of the gallery's own vectors as queries, and then for the texts of
 *                doctor_options, which are harder for an approximate index
 *     failures   files that could not be read, by reason
 *     folders    those that the last index run could not reach; none if it reached all
 *     files      other photos whose files are gone from disk
 *     libraries  versions that are known to be dangerous (known_bad.h)
 *
 * Recall is the share of the true ten nearest photos that a search returns, where a photo that
 * scores as well as the tenth counts as one of them. Brute force costs queries times photos, so
 * above 50,000 photos fewer queries are used, down to 20. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "store/store.h"

#define DOCTOR_SAMPLE 200
#define DOCTOR_TEXTS 64
#define DOCTOR_NEAREST 10
/* Below this recall, searches miss too much. */
#define DOCTOR_RECALL 0.95
/* Texts are far from photos, so an approximate index finds fewer of their nearest. */
#define DOCTOR_TEXT_RECALL 0.90

/* A library that the program is linked with: "libwebp", "1.2.4". */
struct library {
    char name[32], version[32];
};

struct doctor_options {
    const struct store_model *model; /* the model installed for this gallery; or NULL */
    const char *no_model;            /* the reason if it is NULL */
    /* Receives each finding, whose verdict is good; a warning, which leaves the gallery healthy;
     * or bad. */
    void (*each)(void *context, const struct store_finding *finding);
    void (*progress)(void *context, int64_t done, int64_t total); /* may be NULL */
    void *context;
    const float *texts; /* vectors of texts [text_count][dim of the model]; may be NULL */
    size_t text_count;  /* at most DOCTOR_TEXTS are used */
    const struct library *libraries; /* to be checked; if there are none, the count is 0 */
    size_t library_count;
};

/* A part that cannot be examined is a bad finding, not an error. */
void doctor_run(struct store *store, const struct doctor_options *options);
