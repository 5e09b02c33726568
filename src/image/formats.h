/* SPDX-License-Identifier: MIT */
/* The formats of pictures that are read, as the table of decoders has them. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Whether `format` is one, as photo_facts.format has it: "jpeg", "heic". */
bool format_is_known(const char *format);
/* "image/jpeg" for "jpeg"; NULL for a format that is not known. */
const char *format_media_type(const char *format);
/* Whether files of that extension (without its dot, in any case) are pictures of one. */
bool format_has_extension(const char *extension);
/* The formats as people call them: "JPEG, PNG, WebP or TIFF". Cut when it does not fit. */
void format_list(char *ret_text, size_t size);
