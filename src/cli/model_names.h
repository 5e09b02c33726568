/* SPDX-License-Identifier: MIT */
/* The ids of all models available to the user: the known ones, and folders copied by hand into
 * $XDG_DATA_HOME/keepsake/models. */
#pragma once

#include <stddef.h>

struct model_names {
    char **ids; /* known ones first, in their order; then the others by name */
    size_t count, cap;
};

void model_names_init(struct model_names *names);
void model_names_release(struct model_names *names);
