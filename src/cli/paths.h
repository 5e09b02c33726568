/* SPDX-License-Identifier: MIT */
/* Paths as the commands print them; base/path.h has the paths that people type. */
#pragma once

#include "base/path.h"

/* Removes the current folder from the front of a path inside it; the caller frees the result. */
char *path_shorten(const char *path);
