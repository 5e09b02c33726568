/* SPDX-License-Identifier: MIT */
/* Keys and addresses from the environment and from key files. */
#pragma once

#include "base/error.h"

/* A variable as the SDKs read it: without white space at its ends; NULL when unset or empty. The
 * caller frees. */
char *keys_variable(const char *name);

/* The first line of a key file, as keys_variable; the caller frees. ERR_DENIED when the file is
 * not ours or others may read it (mode 0600 or stricter is asked for); ERR_NOT_FOUND;
 * ERR_INVALID when it holds nothing, or what HTTP cannot carry. */
int keys_read_file(const char *path, char **ret_key, struct error *err) MUST_CHECK;

/* ERR_INVALID, naming `where` it came from, when the key has bytes that HTTP cannot carry. */
int keys_check(const char *key, const char *where, struct error *err) MUST_CHECK;

/* Overwrites the key and frees it. NULL is fine. */
void keys_forget(char *key);

/* Covers every occurrence of the key in a text that may repeat it with '*'. NULL is fine. */
void keys_hide(char *text, const char *key);
