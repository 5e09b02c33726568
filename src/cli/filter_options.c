/* SPDX-License-Identifier: MIT */
/* Converts the options that restrict a command to some photos into a filter of the store. */
#include "cli/filter_options.h"

#include "search/folder.h"

int filter_options_read(struct store *store, const struct filter_options *options,
                        struct store_filter *ret_filter, char **ret_folder, struct error *err)
{
    char *folder = NULL;
    int rc = options->folder ? folder_find(store, options->folder, true, &folder, err) : 0;
    if (rc)
        return rc;
    *ret_folder = folder;
    *ret_filter = (struct store_filter){
        .folder = folder, .from = options->from, .until = options->until, .label = options->label};
    return 0;
}

bool filter_options_given(const struct filter_options *options)
{
    return options->folder || options->from || options->until || options->label;
}
