/* SPDX-License-Identifier: MIT */
/* Files that are no picture, or none that is read: what they are instead. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* ERR_UNSUPPORTED with a sentence. */
int image_set_unknown(const uint8_t *data, size_t size, struct error *err) MUST_CHECK;
