/* SPDX-License-Identifier: MIT */
/* Identifies files that are not pictures, or are in an unsupported format. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Sets *err to ERR_UNSUPPORTED with a sentence about the file, and returns it. */
int image_set_unknown(const uint8_t *data, size_t size, struct error *err) MUST_CHECK;
