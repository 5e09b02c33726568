/* SPDX-License-Identifier: MIT */
/* Downloads one file of a model with retries into FOLDER/NAME.part, checks it, and renames it to
 * NAME. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "models/model.h"

struct fetch {
    const struct model_file *file;
    const char *endpoint; /* "https://huggingface.co", without a final slash */
    const char *bearer;   /* NULL: none */
    const char *ca_file;  /* certificate authorities to trust; NULL: the system's */
    const char *folder;   /* where the file goes */
    const struct model_pull_options *options;
};

/* True when the file in the folder has the pinned size and SHA-256; without pinned values, when it
 * exists. */
bool fetch_is_good(const char *folder, const struct model_file *file);

/* Errors as model_pull. A no-op when the file is there and good. */
int fetch_file(const struct fetch *f, struct error *err) MUST_CHECK;

/* Waits, polling options->cancelled; ERR_CANCELLED. */
int fetch_wait(const struct model_pull_options *options, double seconds,
               struct error *err) MUST_CHECK;
