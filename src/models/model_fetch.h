/* SPDX-License-Identifier: MIT */
/* One file of a model: downloaded with retries into FOLDER/NAME.part, checked, renamed to NAME. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "models/model.h"

struct fetch {
    const struct model_file *file;
    const char *endpoint; /* "https://huggingface.co", no slash at its end */
    const char *bearer;   /* NULL: none */
    const char *ca_file;  /* certificate authorities to trust; NULL: the system's */
    const char *folder;   /* where the file goes */
    const struct model_pull_options *options;
};

/* True when the file in the folder has the pinned size and SHA-256 (or, without them, exists). */
bool fetch_is_good(const char *folder, const struct model_file *file);

/* Errors as of model_pull. Nothing is done when the file is there and good. */
int fetch_file(const struct fetch *f, struct error *err) MUST_CHECK;

/* Waits, looking at options->cancelled; ERR_CANCELLED. */
int fetch_wait(const struct model_pull_options *options, double seconds,
               struct error *err) MUST_CHECK;
