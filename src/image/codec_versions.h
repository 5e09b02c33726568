/* SPDX-License-Identifier: MIT */
/* The libraries that decode pictures, and their versions: for people, and to tell whether a file
 * that could not be decoded is worth another try. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Room for any of the texts below, with their final NUL. */
#define CODEC_VERSIONS_SIZE 512

/* How many decoders there are. */
size_t codec_versions_count(void);
/* Of one of them, 0 to count - 1: ret_format is for people ("HEIF"), ret_libraries is such as
 * "libheif 1.15.1, libde265 HEVC decoder 1.0.11, dav1d v6.6.0". Where a library does not tell its
 * version at run time (libjpeg-turbo, giflib), it is the one that this program was built with. */
void codec_versions_get(size_t i, const char **ret_format, char ret_libraries[CODEC_VERSIONS_SIZE]);

/* What would decode a file that begins with these bytes: "keepsake 0.1.0; libheif 1.15.1, ...", or
 * "keepsake 0.1.0" when no decoder takes it. To be kept with a failure. */
void codec_versions_of(const void *data, size_t size, char ret_versions[CODEC_VERSIONS_SIZE]);
/* True when codec_versions_of would give this text today, for some file. */
bool codec_versions_are_current(const char *versions);
