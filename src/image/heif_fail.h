/* SPDX-License-Identifier: MIT */
/* Translates libheif's errors into ours. */
#pragma once

#include <libheif/heif.h>

#include "base/error.h"

/* Sets *err and returns its code. */
int heif_fail(const struct heif_error *heif, struct error *err);
