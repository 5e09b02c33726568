/* SPDX-License-Identifier: MIT */
/* Reads JSON from programs that are not strict about it: servers of language models, the models
 * themselves, and clients of the Model Context Protocol.
 *
 * Valid JSON is read as it is. Invalid parts are replaced instead of refusing the whole: bytes that
 * are not UTF-8, unpaired surrogates and NULs become U+FFFD; control characters in a string stand
 * for themselves; an unknown escape becomes its character; NaN and Infinity become null; integers
 * beyond 64 bits and numbers that are too large become the nearest double; of equal keys the last
 * one counts; a comma before a closing bracket is ignored. Truncated text, and text that is not
 * JSON at all, is still an error. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How an unpaired surrogate is read. A program that splits its text by UTF-16 units may send the
 * two surrogates of one character in two messages. When kept, they become U+10F800 to U+10FFFF
 * (private use) until json_join_halves combines them. */
enum json_halves { JSON_HALVES_REPLACED, JSON_HALVES_KEPT };

/* A new reference, or NULL when the text is not JSON. Values of every type are accepted. */
json_t *json_read_lenient(const void *data, size_t size, enum json_halves halves);

/* Bytes that a kept surrogate takes in UTF-8. */
#define JSON_HALF_BYTES 4

/* Combines kept surrogates in text [size] in place, and replaces unpaired ones by U+FFFD. Returns
 * the new size, which is never larger. With `more`, a high surrogate at the very end stays, because
 * its low surrogate may follow. */
size_t json_join_halves(char *text, size_t size, bool more);
/* The size of a kept high surrogate at the end of the text: JSON_HALF_BYTES or 0. */
size_t json_half_at_end(const char *text, size_t size);

/* A whole number, also when written as 3.0 or "3". False when it is none, or does not fit 64 bits.
 */
bool json_whole_number(const json_t *value, int64_t *ret_number);
/* A number, also when written as a string: "0.25". False for NaN and Infinity. */
bool json_any_number(const json_t *value, double *ret_number);

/* The bytes of object[key] as they stand in the text of an object, which may be truncated or broken
 * after them. NULL when not found. Searches the object itself, not the objects in it. */
const char *json_raw_member(const char *text, size_t size, const char *key, size_t *ret_size);
