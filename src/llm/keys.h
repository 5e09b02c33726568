/* SPDX-License-Identifier: MIT */
/* Reads API keys and addresses from the environment and from key files. */
#pragma once

#include "base/error.h"

/* Returns a variable as the SDKs read it: without leading and trailing white space; NULL if unset
 * or empty. The caller frees it. */
char *keys_variable(const char *name);

/* Returns the first line of a key file, trimmed as by keys_variable; the caller frees it.
 * ERR_DENIED if the file belongs to another user or others may read it (mode 0600 or stricter is
 * required); ERR_NOT_FOUND; ERR_INVALID if it is empty, or holds bytes that HTTP cannot carry. */
int keys_read_file(const char *path, char **ret_key, struct error *err) MUST_CHECK;

/* ERR_INVALID, naming its source `where`, if the key has bytes that HTTP cannot carry. */
int keys_check(const char *key, const char *where, struct error *err) MUST_CHECK;

/* Overwrites the key and frees it. NULL is allowed. */
void keys_forget(char *key);

/* Replaces every occurrence of the key in a text by '*' characters. NULL is allowed. */
void keys_hide(char *text, const char *key);
