/* SPDX-License-Identifier: MIT */
/* What the program says: results on stdout, sentences on stderr.
 *
 * JSON lines: one object a line, keys in the order they were set, nothing that a terminal would
 * obey (control characters are escaped). Sentences are one line each, "keepsake: ...", with control
 * characters and malformed bytes replaced. */
#pragma once

#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Makes sure that descriptors 0 to 2 are open (a closed stdout must not become the gallery's file)
 * and that a closed pipe is an error of write(), not a signal. Call first. */
void output_init(void);

/* "keepsake: FORMAT" on stderr. */
void output_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void output_verror(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* The same for a command that failed, for programs: {"error": "not_found", "message": ...} on
 * stderr, a line as output_json prints them. */
void output_error_json(const struct error *problem);

/* Prints the object on a line of its own, flushes and releases it. */
void output_json(json_t *object);

/* Prints text as text_printable makes it, without a newline. */
void output_text(const char *text);

/* The same for text of more than one line: line feeds and tabs stay. */
void output_prose(const char *text, size_t size);

/* What was printed so far is to be seen now. */
void output_flush(void);

/* Bytes as they are. */
void output_bytes(const void *data, size_t size);

/* True once writing to stdout failed: further work is for nobody. */
bool output_is_broken(void);

/* Flushes stdout. Returns 0; also when the reader went away (a closed pipe is no error);
 * ERR_IO when the rest could not be written. */
int output_finish(struct error *err) MUST_CHECK;

/* object[key] = text of unknown origin, such as a path. JSON cannot hold every file name: malformed
 * bytes become U+FFFD, and KEY_base64 then holds the exact bytes. */
void output_set_text(json_t *object, const char *key, const char *text);
