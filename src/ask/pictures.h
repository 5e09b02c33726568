/* SPDX-License-Identifier: MIT */
/* The numbered pictures of a conversation: "Image 1", "Image 2" ... Numbers only grow, and a number
 * means the same picture for as long as the conversation lasts.
 *
 * In messages a picture stands as {"type": "picture", "number": 3}; ask/gate.h alone puts the
 * pixels in. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "ask/telling.h"
#include "ask/view.h"
#include "store/store.h"

struct picture {
    int number;
    struct store_photo photo;
    double score; /* NAN: it came by no search */
    struct view_request request;
    struct view view;
    char *caption;    /* "Image 3: 1456x819 pixels; taken ..." */
    struct told told; /* in the caption */
    char *gone;       /* a sentence that stands instead of it; NULL: it is there */
};

struct pictures {
    struct picture *items;
    size_t count, cap;
    int last; /* the highest number given so far */
};

/* Adds one with the next number, or for a restored one with its own; takes what *picture owns. */
struct picture *pictures_add(struct pictures *pictures, struct picture *picture);
const struct picture *pictures_find(const struct pictures *pictures, int number);
/* Takes out the last ones, so that `count` are left; their numbers are given again. */
void pictures_cut(struct pictures *pictures, size_t count);
void pictures_release(struct pictures *pictures);
void picture_release(struct picture *picture);

/* The placeholder. */
json_t *picture_block(int number);
/* The number of a placeholder; 0: the block is something else. */
int picture_of_block(const json_t *block);
/* Whether such a placeholder stands anywhere in messages or blocks. */
bool pictures_stand_in(const json_t *value, int number);
