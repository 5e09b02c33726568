/* SPDX-License-Identifier: MIT */
/* The picture formats that keepsake reads, from the table of decoders. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Whether `format` is one of them, as in photo_facts.format: "jpeg", "heic". */
bool format_is_known(const char *format);
/* "image/jpeg" for "jpeg"; NULL for an unknown format. */
const char *format_media_type(const char *format);
/* Whether files with that extension (without its dot, ignoring case) are pictures in one of the
 * formats. */
bool format_has_extension(const char *extension);
/* Lists the names for people: "JPEG, PNG, WebP or TIFF". The text is cut if it does not fit. */
void format_list(char *ret_text, size_t size);
