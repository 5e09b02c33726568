/* SPDX-License-Identifier: MIT */
/* libheif's errors in our words. */
#pragma once

#include <libheif/heif.h>

#include "base/error.h"

/* Returns the code that it sets. */
int heif_fail(const struct heif_error *heif, struct error *err);
