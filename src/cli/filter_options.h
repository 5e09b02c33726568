/* SPDX-License-Identifier: MIT */
/* The options that restrict a command to some of the photos.
 *
 *     struct search_options { struct filter_options filter; ... };
 *     static const struct option_spec options[] = {
 *         FILTER_OPTION_SPECS(struct search_options, filter), {.name = NULL}};
 *     AUTO_FREE char *folder = NULL;
 *     filter_options_read(store, &o->filter, &filter, &folder, err) */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cli/options.h"
#include "store/filter.h"
#include "store/store.h"

struct filter_options {
    const char *folder, *from, *until, *label; /* as the user wrote them; NULL: not given */
};

#define FILTER_OPTION_SPECS(type, member)                                              \
    {.name = "folder",                                                                 \
     .kind = OPTION_TEXT,                                                              \
     .offset = offsetof(type, member.folder),                                          \
     .value = "DIR",                                                                   \
     .help = "only photos in this folder and below",                                   \
     .complete = COMPLETE_FILES},                                                      \
        {.name = "from",                                                               \
         .kind = OPTION_TEXT,                                                          \
         .offset = offsetof(type, member.from),                                        \
         .value = "DATE",                                                              \
         .help = "only photos taken on or after this date: 2019, 2019-07 or "          \
                 "2019-07-04; photos without a date are left out"},                    \
        {.name = "until",                                                              \
         .kind = OPTION_TEXT,                                                          \
         .offset = offsetof(type, member.until),                                       \
         .value = "DATE",                                                              \
         .help = "only photos taken on or before this date, including the whole day, " \
                 "month or year"},                                                     \
    {                                                                                  \
        .name = "label", .kind = OPTION_TEXT, .offset = offsetof(type, member.label),  \
        .value = "NAME", .help = "only photos with this label (`keepsake help label`)" \
    }

/* ret_filter borrows from `options` and from *ret_folder, which the caller frees: the folder as
 * the gallery names it (search/folder.h), or NULL. */
int filter_options_read(struct store *store, const struct filter_options *options,
                        struct store_filter *ret_filter, char **ret_folder,
                        struct error *err) MUST_CHECK;
bool filter_options_given(const struct filter_options *options);
