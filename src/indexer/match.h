/* SPDX-License-Identifier: MIT */
/* Finds out which file already has a content, and decides for a file just read whether to keep,
 * move, copy or decode it. Thread-safe.
 *
 * - The gallery has this content at this path: touch.
 * - Another file of this run with the same content is on its way through decoding and embedding:
 *   become its duplicate and share its vector.
 * - A new path, and a photo with this content is gone from its own path: that photo moved here; of
 *   several, one of the same name, so that a renamed folder keeps its ids.
 * - A new path, and a photo with this content is unchanged at its own path, or its disk is not
 *   there: copy.
 * - Else decode, as the leader for duplicates to come. */
#pragma once

#include "indexer/gallery_folders.h"
#include "indexer/known.h"
#include "indexer/outcome.h"

struct match;

enum match_answer {
    MATCH_DECIDED,   /* the outcome is complete: TOUCH, MOVE or COPY */
    MATCH_DUPLICATE, /* the outcome was handed to its leader */
    MATCH_DECODE,    /* decode it, then call match_close */
};

/* Both outlive the match; meanwhile only the match may change the marks in `known`. */
struct match *match_new(struct known *known, const struct folders *folders);
void match_free(struct match *match); /* NULL is fine */
DEFINE_AUTO(match, match_free)

/* `outcome` has task and hash set; it is the leader's afterwards when the answer is
 * MATCH_DUPLICATE. */
enum match_answer match_decide(struct match *match, struct outcome *outcome);

/* Releases the duplicates that wait for a leader: its list does not change any more. `stored`: its
 * content reaches the gallery before any later outcome does; otherwise it failed. */
void match_close(struct match *match, struct outcome *leader, bool stored);
