/* SPDX-License-Identifier: MIT */
/* A small picture of a photo on the terminal, if the terminal supports it.
 *
 *     enum preview_kind kind = preview_kind(stdout, context->settings.preview);   early, once
 *     if (preview_show(kind, stdout, path, hash, NULL, &problem)) ...
 *
 * Three protocols are supported: kitty's graphics protocol (kitty, Ghostty, Konsole), iTerm2's
 * inline images (iTerm2, WezTerm, mintty) and sixel (foot, xterm -ti vt340, Windows Terminal,
 * tmux). */
#pragma once

#include <stdio.h>

#include "base/error.h"
#include "base/hash.h"
#include "store/labels.h"

enum preview_kind { PREVIEW_NONE, PREVIEW_KITTY, PREVIEW_ITERM, PREVIEW_SIXEL };

/* Determines the protocol of the stream's terminal. `setting`: "kitty", "iterm" or "sixel" forces
 * one on any terminal, "off" is none; NULL or "auto" examines the environment, then queries the
 * terminal (terminal_query.h). Always PREVIEW_NONE if the stream is not a terminal, or is a dumb
 * one. */
enum preview_kind preview_kind(FILE *stream, const char *setting);

/* Prints the photo, upright, in at most 40 columns and 12 rows and never enlarged, and ends the
 * line; box (may be NULL) is drawn as a frame. Does nothing with PREVIEW_NONE. Returns the errors
 * of photo_file_read and cage_decode; nothing was printed in that case. */
int preview_show(enum preview_kind kind, FILE *stream, const char *path,
                 const uint8_t hash[HASH_BYTES], const struct store_box *box,
                 struct error *err) MUST_CHECK;
