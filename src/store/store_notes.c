/* SPDX-License-Identifier: MIT */
/* Checks notes before a backend stores them. */
#include "store/notes.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "store/store_internal.h"

int store_set_note(struct store *store, const char *name, const char *text, struct error *err)
{
    size_t length = text ? strlen(text) : 0;
    if (length > LIMIT_NOTE_BYTES || (text && !text_is_utf8(text, length)))
        return error_set(err, ERR_INVALID, "a gallery keeps no such text as \"%s\": %s", name,
                         length > LIMIT_NOTE_BYTES ? "it is too long" : "it is not UTF-8");
    return store->backend->set_note(store, name, text, err);
}
