/* SPDX-License-Identifier: MIT */
/* The output of the program: results on stdout, messages on stderr.
 *
 * JSON lines have one object per line, with keys in the order they were set, and no terminal
 * control sequences (control characters are escaped). Messages are one line each, "keepsake: ...",
 * with control characters and malformed bytes replaced. */
#pragma once

#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Ensures that descriptors 0 to 2 are open (a closed stdout must not become the gallery's file)
 * and that a closed pipe is an error of write(), not a signal. Call it first. */
void output_init(void);

/* Prints "keepsake: FORMAT" on stderr. */
void output_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void output_verror(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* The same for a failed command, for programs: {"error": "not_found", "message": ...} on stderr,
 * one line in the format of output_json. */
void output_error_json(const struct error *problem);

/* Prints the object on a line of its own, flushes stdout and releases the object. */
void output_json(json_t *object);

/* Prints text as converted by text_printable, without a newline. */
void output_text(const char *text);

/* The same for text of several lines: line feeds and tabs are kept. */
void output_prose(const char *text, size_t size);

/* Flushes the output so far. */
void output_flush(void);

/* Prints bytes unchanged. */
void output_bytes(const void *data, size_t size);

/* Whether writing to stdout has failed, so that nobody reads further output. */
bool output_is_broken(void);

/* Flushes stdout. Returns 0, also if the reader has closed the pipe, which is not an error; ERR_IO
 * if the remaining output could not be written. */
int output_finish(struct error *err) MUST_CHECK;

/* Sets object[key] to a text of unknown origin, such as a path. JSON cannot represent every file
 * name: malformed bytes become U+FFFD, and KEY_base64 then has the exact bytes. */
void output_set_text(json_t *object, const char *key, const char *text);
