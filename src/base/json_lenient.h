/* SPDX-License-Identifier: MIT */
/* JSON from programs that are not strict about it: servers of language models, the models
 * themselves, and clients of the Model Context Protocol.
 *
 * What the standard allows is read as it stands. What it does not, becomes something sensible
 * instead of losing the whole: bytes that are not UTF-8, halves of surrogate pairs and NULs become
 * U+FFFD, control characters in a text stand for themselves, an escape that JSON does not know is
 * the character alone, NaN and Infinity are null, an integer beyond 64 bits and a number that is
 * too large are the nearest double, and of equal keys the last one counts. A comma before a closing
 * bracket is passed over. Text that is cut off, or is no JSON at all, stays an error. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How half a surrogate pair is read. A program that cuts its text into pieces by UTF-16 units may
 * send the halves of one character in two messages. Kept, they are U+10F800 to U+10FFFF, which
 * nobody uses, until json_join_halves puts them together. */
enum json_halves { JSON_HALVES_REPLACED, JSON_HALVES_KEPT };

/* A new reference; NULL when it is not JSON. Values of every type are taken. */
json_t *json_read_lenient(const void *data, size_t size, enum json_halves halves);

/* Bytes that a kept half takes in a text. */
#define JSON_HALF_BYTES 4

/* Puts kept halves in text [size] together, in place, and makes the lonely ones U+FFFD; returns the
 * new size, which is never larger. With `more`, a first half at the very end stays as it is,
 * because its other half may follow. */
size_t json_join_halves(char *text, size_t size, bool more);
/* The size of a kept first half at the end of the text: JSON_HALF_BYTES or 0. */
size_t json_half_at_end(const char *text, size_t size);

/* A whole number, also where it is written 3.0 or "3"; false: none, or not within 64 bits. */
bool json_whole_number(const json_t *value, int64_t *ret_number);
/* A number, also where it is a text: "0.25". False for NaN and Infinity. */
bool json_any_number(const json_t *value, double *ret_number);

/* The bytes of object[key] as they stand in the text of an object, which may be cut off or broken
 * behind them; NULL: not found. Only the object itself is searched, not those in it. */
const char *json_raw_member(const char *text, size_t size, const char *key, size_t *ret_size);
