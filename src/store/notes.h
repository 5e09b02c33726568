/* SPDX-License-Identifier: MIT */
/* Named texts that a gallery stores for programs: the owner's exclusions, and the unread files of
 * the last index run. */
#pragma once

#include "store/store.h"

/* Patterns of files and folders that are never indexed: a JSON array of strings. */
#define STORE_NOTE_EXCLUDED "excluded"
/* Counts of files of unsupported kinds, per indexed folder: {"/photos": {"cr2": 12}}. */
#define STORE_NOTE_UNREAD "unread"

/* The version of the names of places that photos have (store/towns.h). */
#define STORE_NOTE_PLACES "places"

/* *ret_text is NULL if there is no such note, or if the gallery's format has no notes; the caller
 * frees it. */
int store_get_note(struct store *store, const char *name, char **ret_text,
                   struct error *err) MUST_CHECK;
/* Sets or replaces the note; NULL deletes it. `text` is UTF-8 of at most LIMIT_NOTE_BYTES. */
int store_set_note(struct store *store, const char *name, const char *text,
                   struct error *err) MUST_CHECK;
