/* SPDX-License-Identifier: MIT */
/* Paths as the commands print them; base/path.h has those that people type. */
#pragma once

#include "base/path.h"

/* Without the current folder in front, when it lies below that; the caller frees. */
char *path_shorten(const char *path);
