/* SPDX-License-Identifier: MIT */
/* A photo of the gallery as people refer to it: by its path, or by the id that `search --json`
 * prints. */
#pragma once

#include "base/error.h"
#include "store/store.h"

/* A number is an id unless a file has it as its name. ERR_NOT_FOUND, with instructions. The caller
 * releases the photo. */
int photo_named(struct store *store, const char *name, struct store_photo *ret_photo,
                struct error *err) MUST_CHECK;
