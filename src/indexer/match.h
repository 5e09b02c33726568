/* SPDX-License-Identifier: MIT */
/* Decides for a file that was just read whether to keep, move, copy or decode it, by finding other
 * files with the same content. Thread-safe.
 *
 * - If the gallery has this content at this path: touch.
 * - If another file of this run with the same content is being decoded or embedded: become its
 *   duplicate and share its vector.
 * - If the path is new, and a photo with this content is gone from its own path: move that photo.
 *   Of several, one with the same name is preferred, so that a renamed folder keeps its ids.
 * - If the path is new, and a photo with this content is unchanged at its own path, or its disk is
 *   missing: copy.
 * - Otherwise decode, as the leader of later duplicates. */
#pragma once

#include "indexer/gallery_folders.h"
#include "indexer/known.h"
#include "indexer/outcome.h"

struct match;

enum match_answer {
    MATCH_DECIDED,   /* the outcome is complete: TOUCH, MOVE or COPY */
    MATCH_DUPLICATE, /* the outcome was passed to its leader */
    MATCH_DECODE,    /* decode it, then call match_close */
};

/* `known` and `folders` must outlive the match. Until then, only the match may change the marks in
 * `known`. */
struct match *match_new(struct known *known, const struct folders *folders);
void match_free(struct match *match); /* NULL is fine */
DEFINE_AUTO(match, match_free)

/* `outcome` has task and hash set. After the answer MATCH_DUPLICATE, its leader owns it. */
enum match_answer match_decide(struct match *match, struct outcome *outcome);

/* Closes the leader's list of duplicates, which does not change afterwards. `stored`: its content
 * will reach the gallery before any later outcome; otherwise it failed. */
void match_close(struct match *match, struct outcome *leader, bool stored);
