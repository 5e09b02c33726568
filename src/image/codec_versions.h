/* SPDX-License-Identifier: MIT */
/* The libraries that decode pictures, and their versions: shown to people, and used to decide
 * whether to try again to decode a file that failed. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Buffer size for any of the texts below, including the final NUL. */
#define CODEC_VERSIONS_SIZE 512

/* The number of decoders. */
size_t codec_versions_count(void);
/* Describes decoder i, from 0 to count - 1: ret_format is for people ("HEIF"), ret_libraries is
 * such as "libheif 1.15.1, libde265 HEVC decoder 1.0.11, dav1d v6.6.0". If a library does not
 * report its version at run time (libjpeg-turbo, giflib), it is the version that this program was
 * built with. */
void codec_versions_get(size_t i, const char **ret_format, char ret_libraries[CODEC_VERSIONS_SIZE]);

/* The versions that would decode a file that begins with these bytes: "keepsake 0.1.0; libheif
 * 1.15.1, ...", or "keepsake 0.1.0" if no decoder accepts it. Stored with a failure. */
void codec_versions_of(const void *data, size_t size, char ret_versions[CODEC_VERSIONS_SIZE]);
/* Whether codec_versions_of would now return this text for some file. */
bool codec_versions_are_current(const char *versions);
