/* SPDX-License-Identifier: MIT */
/* Embeds fixed texts that are unrelated to almost any photo.
 *
 * A cosine alone says little: some photos are close to every sentence, some to none, and each model
 * has its own scale. The cosines of a photo with these texts show what chance gives; a match has to
 * stand out from that (search/strength.h). */
#pragma once

#include "clip/clip.h"

enum { CLIP_BACKGROUND_TEXTS = 64 };

/* "a bagpipe", "a barge" ...; i below CLIP_BACKGROUND_TEXTS; the caller frees. */
char *clip_background_text(size_t i);

/* Their unit vectors [CLIP_BACKGROUND_TEXTS][dim], borrowed until clip_close. Computed once per
 * model and cached in $XDG_CACHE_HOME/keepsake (file_cache_home), because a large model takes half
 * a second for them; without such a folder every process computes them. Errors as clip_embed_text.
 */
int clip_background(struct clip *clip, const float **ret_vectors, struct error *err) MUST_CHECK;
