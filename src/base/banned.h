/* SPDX-License-Identifier: MIT */
/* Calls that are refused at compile time: each has a safer replacement. Included before every
 * source file by the Makefile (-include), after the system headers that declare the names. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Macros, because that is how the C library checks their arguments (FORTIFY). */
#undef sprintf
#undef vsprintf

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets
#pragma GCC poison gmtime localtime ctime asctime atoi atol atoll atof tmpnam mktemp
