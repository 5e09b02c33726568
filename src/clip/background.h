/* SPDX-License-Identifier: MIT */
/* Fixed texts that have nothing to do with almost any photo, as the model sees them.
 *
 * A cosine says little by itself: one photo is near to every sentence, another to none, and each
 * model has a scale of its own. How near a photo is to these texts is what chance gives it; a match
 * must stand out from that (search/strength.h). */
#pragma once

#include "clip/clip.h"

enum { CLIP_BACKGROUND_TEXTS = 64 };

/* "a bagpipe", "a barge" ...; i below CLIP_BACKGROUND_TEXTS; the caller frees. */
char *clip_background_text(size_t i);

/* Their unit vectors [CLIP_BACKGROUND_TEXTS][dim], borrowed until clip_close. Made once for each
 * model and kept in $XDG_CACHE_HOME/keepsake (file_cache_home), because a large model takes half a
 * second for them; without such a folder they are made in every process. Errors as
 * clip_embed_text. */
int clip_background(struct clip *clip, const float **ret_vectors, struct error *err) MUST_CHECK;
