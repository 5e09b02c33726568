/* SPDX-License-Identifier: MIT */
/* How photos and what belongs to them look in JSON, and filters in a query. */
#pragma once

#include <jansson.h>

#include "search/search.h"
#include "server/call.h"
#include "store/filter.h"
#include "store/labels.h"

#define PHOTO_VERSION_SIZE 17

/* Changes when the photo's content does: for ETags and the v of its pictures' addresses. */
void form_version(const struct store_photo *photo, char ret_version[PHOTO_VERSION_SIZE]);
/* The schema Photo; a new reference, as all here. */
json_t *form_photo(const struct store_photo *photo);
json_t *form_label(const struct store_label *label);
json_t *form_box(const struct store_box *box); /* NULL: null */
json_t *form_result(const struct search_result *result, size_t rank);
/* null for "". */
json_t *form_text_or_null(const char *text);
json_t *form_number_or_null(double number); /* null for NAN */
/* "2026-11-23T15:42:00Z" */
json_t *form_time(int64_t unix_seconds);

/* folder, from, until and label of the query; borrowed from it. ERR_INVALID for a folder that is
 * not an absolute path. */
int form_filter(const struct target *target, struct store_filter *ret_filter,
                struct error *err) MUST_CHECK;
/* The same keys of an object. */
int form_filter_json(const json_t *object, struct store_filter *ret_filter,
                     struct error *err) MUST_CHECK;
