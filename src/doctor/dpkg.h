/* SPDX-License-Identifier: MIT */
/* Reads the data of Debian's package manager: the order of its versions, and the installed
 * packages. Private to doctor/. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The order of `dpkg --compare-versions`: below, equal to or above 0. [epoch:]upstream[-revision],
 * where "~" sorts before the end and letters before other characters. */
int dpkg_compare(const char *a, const char *b);

/* Reads the version of an installed package from the text of /var/lib/dpkg/status; false if it is
 * not installed, or its version does not fit. */
bool dpkg_find(const char *status, const char *package, char *ret_version, size_t size);

/* Whether both are packages of the same upstream version ("1.2.4-0.2" and "1.2.4-0.2+deb12u1"). */
bool dpkg_same_upstream(const char *a, const char *b);
