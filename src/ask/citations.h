/* SPDX-License-Identifier: MIT */
/* Finds the references to photos in an answer while it streams, and checks them against the
 * photos that were sent.
 *
 * The model writes [3], [1,2], [1-3], [Image 4], 【图2】 (ask/bracket.h) or, with a box in pixels
 * of that image, [3: 120,40,480,300]; ';' separates several. The output has [3] for a picture
 * that was sent and [9?] for a number that was not; boxes are removed from the text. Other
 * brackets are left unchanged: [164,34,329,308], which is a box and not four pictures; a year;
 * and a number that was not sent and is inside a quotation or follows a word such as "says".
 *
 *     struct citations c = {.pictures = &pictures, .emit = print, .context = x};
 *     citations_feed(&c, text, size)    whole characters; holds back an unfinished reference
 *     citations_end(&c)                 end of the text
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
    const struct pictures *pictures; /* the pictures sent so far; may grow between calls */
    void (*emit)(void *context, const char *text, size_t size);
    void *context;
    struct citation *items; /* each one once, in order of first appearance */
    size_t count, cap;
    char held[CITATION_BYTES_MAX + 1]; /* text held back, starting with an opening bracket */
    size_t held_size;
    char before[CITATION_BEFORE_BYTES]; /* the end of the line so far */
    size_t before_size;
    const char *quoted; /* the mark that closes the current quotation; NULL: outside a quotation */
    bool after_mark;    /* the last output was a reference */
};

void citations_feed(struct citations *c, const char *text, size_t size);
void citations_end(struct citations *c);
/* Keeps the first `count` and discards the text held back: the text since then was retracted. */
void citations_forget(struct citations *c, size_t count);
void citations_release(struct citations *c);
