/* SPDX-License-Identifier: MIT */
/* A photo of the gallery as people name it: by its path, or by the id that `search --json` gives.
 */
#pragma once

#include "base/error.h"
#include "store/store.h"

/* A number is an id unless a file has it as its name. ERR_NOT_FOUND says what to do. The caller
 * releases. */
int photo_named(struct store *store, const char *name, struct store_photo *ret_photo,
                struct error *err) MUST_CHECK;
