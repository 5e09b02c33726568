/* SPDX-License-Identifier: MIT */
/* The libraries that the program is linked with, and their versions. */
#pragma once

#include "doctor/doctor.h"

#define LIBRARIES_MAX 40

/* Those that read what strangers wrote first. Returns how many; a codec's own plugins are among
 * them. Where a library does not tell, it is the version that the program was built with. */
size_t libraries_list(struct library ret_libraries[LIBRARIES_MAX]);
