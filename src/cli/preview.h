/* SPDX-License-Identifier: MIT */
/* A small picture of a photo on the terminal, where that can show one.
 *
 *     enum preview_kind kind = preview_kind(stdout, context->settings.preview);   early, once
 *     if (preview_show(kind, stdout, path, hash, NULL, &problem)) ...
 *
 * Three ways are spoken: kitty's graphics protocol (kitty, Ghostty, Konsole), iTerm2's inline
 * images (iTerm2, WezTerm, mintty) and sixel (foot, xterm -ti vt340, Windows Terminal, tmux). */
#pragma once

#include <stdio.h>

#include "base/error.h"
#include "base/hash.h"
#include "store/labels.h"

enum preview_kind { PREVIEW_NONE, PREVIEW_KITTY, PREVIEW_ITERM, PREVIEW_SIXEL };

/* What the stream's terminal can show. `setting`: "kitty", "iterm" or "sixel" is obeyed on any
 * terminal, "off" is none; NULL or "auto" looks at the environment, then asks the terminal
 * (terminal_query.h). Always PREVIEW_NONE where the stream is no terminal, or a dumb one. */
enum preview_kind preview_kind(FILE *stream, const char *setting);

/* Prints the photo, upright, at most 40 columns and 12 rows large and never enlarged, and ends the
 * line; box (may be NULL) is drawn as a frame. Nothing with PREVIEW_NONE. Errors as of
 * photo_file_read and cage_decode; then nothing was printed. */
int preview_show(enum preview_kind kind, FILE *stream, const char *path,
                 const uint8_t hash[HASH_BYTES], const struct store_box *box,
                 struct error *err) MUST_CHECK;
