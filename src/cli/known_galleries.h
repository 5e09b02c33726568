/* SPDX-License-Identifier: MIT */
/* Which galleries in files this user has made, so that a new one can tell what it lacks: labels and
 * never-send rules are kept in a gallery, and hold in no other. */
#pragma once

#include "cli/context.h"

/* To be called before the gallery is made: whether there is one. */
bool gallery_is_there(const struct context *context);
/* After it was made: notes it in $XDG_STATE_HOME/keepsake/galleries, and says when another one,
 * that of the default place or one that is noted there, has labels or rules. */
void gallery_was_made(struct context *context);
/* Notes it, and says nothing. */
void gallery_is_used(const struct context *context);
