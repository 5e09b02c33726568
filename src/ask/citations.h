/* SPDX-License-Identifier: MIT */
/* References to photos in an answer, found while it streams and checked against what was sent.
 *
 * The model writes [3], [1,2], [1-3], [Image 4], 【图2】 (ask/bracket.h) or, with a box in pixels
 * of that image, [3: 120,40,480,300]; several parted by ';'. What comes out has [3] for a picture
 * that was sent and [9?] for a number that was not; boxes leave the text. Other brackets stay as
 * they are: [164,34,329,308], which is a place and not four pictures; a year; and a number that was
 * not sent where it stands in a quotation, or is what something says.
 *
 *     struct citations c = {.pictures = &pictures, .emit = print, .context = x};
 *     citations_feed(&c, text, size)    whole characters; holds back an unfinished reference
 *     citations_end(&c)                 the text is over
 *     citations_release(&c) */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ask/pictures.h"

#define CITATION_BYTES_MAX 256 /* a longer bracket is not a reference */
#define CITATION_BEFORE_BYTES 48

struct citation {
    int number;
    bool sent; /* false: no such picture */
    bool has_box;
    struct store_box box; /* fractions of the upright photo */
};

struct citations {
    const struct pictures *pictures; /* that were sent so far; may grow between calls */
    void (*emit)(void *context, const char *text, size_t size);
    void *context;
    struct citation *items; /* each once, in order of first appearance */
    size_t count, cap;
    char held[CITATION_BYTES_MAX + 1]; /* from an opening bracket on */
    size_t held_size;
    char before[CITATION_BEFORE_BYTES]; /* the end of the line so far */
    size_t before_size;
    const char *quoted; /* the mark that ends the quotation; NULL: there is none */
    bool after_mark;    /* the last that came out was a reference */
};

void citations_feed(struct citations *c, const char *text, size_t size);
void citations_end(struct citations *c);
/* Keeps the first `count`, and forgets what is held back: the text since then was taken back. */
void citations_forget(struct citations *c, size_t count);
void citations_release(struct citations *c);
