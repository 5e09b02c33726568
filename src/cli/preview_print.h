/* SPDX-License-Identifier: MIT */
/* Prints a picture in the protocol of one kind of terminal; private to preview. The cursor is left
 * on the picture's last line. */
#pragma once

#include <stdio.h>

#include "base/error.h"
#include "image/image.h"

/* https://sw.kovidgoyal.net/kitty/graphics-protocol/: PNG in base64, in chunks of 4096. */
int preview_print_kitty(FILE *stream, const struct image *image, struct error *err) MUST_CHECK;
/* https://iterm2.com/documentation-images.html: a file in base64. */
int preview_print_iterm(FILE *stream, const struct image *image, struct error *err) MUST_CHECK;
/* DEC STD 070, chapter 9: six rows at a time, in at most 256 colours of a palette. */
int preview_print_sixel(FILE *stream, const struct image *image, struct error *err) MUST_CHECK;
