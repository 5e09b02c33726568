/* SPDX-License-Identifier: MIT */
/* Copies everything from one gallery into another, of either kind: the basis of export and import.
 *
 * A copy keeps paths (bytes), sizes, times, content hashes, facts, failures with their reasons,
 * the model, bit-identical vectors, and ids unless the target has itself assigned larger ones. It
 * holds one batch of photos in memory, whatever the size of the galleries.
 *
 * Vectors of models that are not in use, and other signals, are copied after the photos. Labels,
 * never-send rules, albums and the ledger are then copied after the photos, in their state at that
 * time; records that the target already has are not duplicated.
 *
 * In a target with photos of its own, a path that is in both galleries gets the incoming content
 * (its id stays), except that a failure never replaces a photo. The file of an export is a gallery
 * in SQLite: docs/export.md. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

struct transfer_report {
    int64_t photos, failures; /* now in the target */
    int64_t left_out;         /* photos without a usable vector */
    int64_t kept;             /* failures not copied, because the target has a photo there */
    int64_t labels, rules, albums, entries; /* now in the target */
    int64_t signals; /* vectors of models not in use, and other signals; the same */
};

struct transfer_options {
    void (*progress)(void *context, int64_t done, int64_t total); /* called after each batch */
    /* Called for a photo that is left out, with the reason. */
    void (*note)(void *context, const char *path, const char *sentence);
    bool (*cancelled)(void *context);
    void *context; /* passed to the three callbacks, any of which may be NULL */
};

/* Copies in transactions of one batch: finished batches are kept if it fails or is cancelled
 * (ERR_CANCELLED), and a repeated call completes the copy. ERR_MISMATCH, with nothing changed, if
 * the target has vectors of another model. `from` and `to` must be different galleries. */
int transfer_copy(struct store *from, struct store *to, const struct transfer_options *options,
                  struct transfer_report *ret_report, struct error *err) MUST_CHECK;

/* Copies only labels, never-send rules, albums and the ledger, whatever the models of the
 * galleries: labels apply to photos with the same content, once the target has them. */
int transfer_copy_records(struct store *from, struct store *to,
                          const struct transfer_options *options,
                          struct transfer_report *ret_report, struct error *err) MUST_CHECK;

/* Copies the gallery into a new file. It is written beside it as FILE.PID.partial and renamed when
 * it is complete and on disk, so that FILE is either unchanged or complete; nothing remains on
 * failure. ERR_INVALID if FILE exists and `replace` is false, or if it is not a regular file. */
int transfer_export(struct store *from, const char *file, bool replace,
                    const struct transfer_options *options, struct transfer_report *ret_report,
                    struct error *err) MUST_CHECK;
