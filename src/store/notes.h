/* SPDX-License-Identifier: MIT */
/* Texts that a gallery keeps for programs, each under a name: what the owner leaves out, what the
 * last index run met. */
#pragma once

#include "store/store.h"

/* Patterns of what is never indexed: a JSON array of texts. */
#define STORE_NOTE_EXCLUDED "excluded"
/* Files of kinds that are not read, per folder that was indexed: {"/photos": {"cr2": 12}}. */
#define STORE_NOTE_UNREAD "unread"

/* NULL when there is none, or the gallery's tables are older; the caller frees. */
int store_get_note(struct store *store, const char *name, char **ret_text,
                   struct error *err) MUST_CHECK;
/* In place of what was there; NULL drops it. `text` is UTF-8 of at most LIMIT_NOTE_BYTES. */
int store_set_note(struct store *store, const char *name, const char *text,
                   struct error *err) MUST_CHECK;
