/* SPDX-License-Identifier: MIT */
/* Counts files of unsupported kinds beside the photos, by kind (file_names.h). */
#pragma once

#include <stdint.h>

#include "base/json.h"
#include "indexer/file_names.h"

int64_t unread_total(const int64_t counts[NAME_UNREAD_KINDS]);

/* "26 files of kinds that keepsake does not read (12 cr2, 9 mov, 5 psd)", the most frequent first;
 * NULL if there are none. The caller frees it. */
char *unread_sentence(const int64_t counts[NAME_UNREAD_KINDS]);

/* Adds the counts of an object made by unread_to_json; ignores members that are not counts of a
 * known kind. */
void unread_add_json(int64_t counts[NAME_UNREAD_KINDS], const json_t *object);

/* Returns a new object {"cr2": 12, "mov": 9, "psd": 5}. */
json_t *unread_to_json(const int64_t counts[NAME_UNREAD_KINDS]);
