/* SPDX-License-Identifier: MIT */
/* Shared by the files of places/. */
#pragma once

#include "places/places.h"
#include "places/places_table.h"

void places_read_node(const struct places_node *node, struct place *ret_place);

/* Returns the form in which names are compared; the caller frees it. */
char *places_fold(const char *name);
/* Returns whether the name of the data folds to `folded`. */
bool places_is_named(const char *name, const char *folded);
