/* SPDX-License-Identifier: MIT */
/* The galleries in files that this user has created, so that a new one can report the records it
 * lacks: labels and never-send rules are stored in a gallery, and apply in no other. */
#pragma once

#include "cli/context.h"

/* Whether the gallery exists; to be called before it is created. */
bool gallery_is_there(const struct context *context);
/* To be called after it was created: adds it to $XDG_STATE_HOME/keepsake/galleries, and reports if
 * another gallery, at the default place or in that list, has labels or rules. */
void gallery_was_made(struct context *context);
/* Adds it to the list without a report. */
void gallery_is_used(const struct context *context);
