/* SPDX-License-Identifier: MIT */
/* Everything of one gallery into another, of either kind: what export and import are made of.
 *
 * A copy keeps paths (bytes), sizes, times, content hashes, facts, failures with their reasons, the
 * model, the vectors to the bit, and ids where the target has not given larger ones itself. It
 * holds one batch of photos in memory, whatever the size of the galleries.
 *
 * Labels, never-send rules and the ledger come after the photos, as they are then; what the target
 * has already is not there twice.
 *
 * In a target with photos of its own, a path that both know gets the content that comes in (its id
 * stays), except that a failure never replaces a photo. The file of an export is a gallery in
 * SQLite: docs/export.md. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "store/store.h"

struct transfer_report {
    int64_t photos, failures;       /* that are in the target now */
    int64_t left_out;               /* photos without a usable vector */
    int64_t kept;                   /* failures not taken over, the target having a photo there */
    int64_t labels, rules, entries; /* that are in the target now */
};

struct transfer_options {
    void (*progress)(void *context, int64_t done, int64_t total); /* after each batch */
    /* A photo that is left out, and why. */
    void (*note)(void *context, const char *path, const char *sentence);
    bool (*cancelled)(void *context);
    void *context; /* any of the three may be NULL */
};

/* Copies in transactions of one batch: what was finished stays when it fails or is cancelled
 * (ERR_CANCELLED), and the same call again completes it. ERR_MISMATCH, with nothing changed, when
 * the target holds vectors of another model. `from` and `to` must not be the same gallery. */
int transfer_copy(struct store *from, struct store *to, const struct transfer_options *options,
                  struct transfer_report *ret_report, struct error *err) MUST_CHECK;

/* Labels, never-send rules and the ledger alone, whatever model either gallery is of: labels hold
 * for photos with the same content, once the target has them. */
int transfer_copy_records(struct store *from, struct store *to,
                          const struct transfer_options *options,
                          struct transfer_report *ret_report, struct error *err) MUST_CHECK;

/* Copies the gallery into a new file. It is written beside it as FILE.PID.partial and renamed when
 * it is complete and on disk, so that FILE is either what it was or whole; on failure nothing is
 * left. ERR_INVALID when FILE exists and `replace` is false, or is not a regular file. */
int transfer_export(struct store *from, const char *file, bool replace,
                    const struct transfer_options *options, struct transfer_report *ret_report,
                    struct error *err) MUST_CHECK;
