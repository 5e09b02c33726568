/* SPDX-License-Identifier: MIT */
/* The libraries that the program is linked with, and their versions. */
#pragma once

#include "doctor/doctor.h"

#define LIBRARIES_MAX 40

/* Lists first the libraries that parse untrusted data; returns their number. The list includes a
 * codec's own plugins. If a library does not report its version, it is the one that the program
 * was built with. */
size_t libraries_list(struct library ret_libraries[LIBRARIES_MAX]);
