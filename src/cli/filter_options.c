#include "cli/filter_options.h"

#include "cli/paths.h"

void filter_options_read(const struct filter_options *options, struct store_filter *ret_filter,
                         char **ret_folder)
{
    *ret_folder = options->folder ? path_resolve(options->folder) : NULL;
    *ret_filter = (struct store_filter){.folder = *ret_folder,
                                        .from = options->from,
                                        .until = options->until,
                                        .label = options->label};
}

bool filter_options_given(const struct filter_options *options)
{
    return options->folder || options->from || options->until || options->label;
}
