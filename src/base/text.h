/* SPDX-License-Identifier: MIT */
/* UTF-8 and other text of unknown origin: file names, EXIF strings, queries. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool text_is_utf8(const char *text, size_t length);

/* Decodes one code point at `text` (length > 0). Returns the bytes used (1 to 4), or 0 when they
 * are not well-formed UTF-8; *ret_code is written only on success. */
size_t text_decode(const char *text, size_t length, uint32_t *ret_code);

/* Copies as much of NUL-terminated `text` as fits `size` bytes, NUL included, never cutting a
 * character of well-formed text in two. Returns the bytes written before the NUL. */
size_t text_copy(char *ret_text, size_t size, const char *text);

/* A new string, always valid UTF-8 and safe to print on a terminal or in JSON: malformed bytes
 * become U+FFFD, control characters (C0, DEL, C1) become '?'. The caller frees. */
char *text_printable(const char *text, size_t length);

/* A new string for comparing names: two texts that differ only in case, width or the way their
 * accents are written fold to the same (Unicode's NFKC_Casefold). A text from another program that
 * is not UTF-8 is folded as text_printable() shows it. The caller frees. */
char *text_fold(const char *text);
/* The same for text that people type: accents of Latin, Greek and Cyrillic letters are ignored, and
 * every kind of apostrophe is "'". */
char *text_fold_loosely(const char *text);

/* The first occurrence of `words` at or after `from`, which points into `text`, that is not part of
 * a longer word. Adjacent letters, marks and digits belong to the same word only in scripts that
 * separate words by spaces (not in Chinese, Japanese, Korean or Thai, for example). NULL when there
 * is none, or `words` is empty. Both are well-formed UTF-8 and are compared byte by byte. */
const char *text_find_words(const char *text, const char *from, const char *words);

/* "512 B", "3.4 KB", "1.2 GB" (powers of 1000) into `ret_text`; returns ret_text. */
char *text_bytes(char *ret_text, size_t size, uint64_t bytes);

/* "45 s", "3 min 20 s", "2 h 5 min" into `ret_text`; returns ret_text. */
char *text_duration(char *ret_text, size_t size, double seconds);

/* The number of terminal columns of valid UTF-8 text (wide characters count 2). */
size_t text_columns(const char *text);
