/* SPDX-License-Identifier: MIT */
/* The numbered pictures of a conversation: "Image 1", "Image 2" ... Numbers only grow, and a
 * number means the same picture throughout the conversation.
 *
 * In messages, {"type": "picture", "number": 3} is the placeholder of a picture; only ask/gate.h
 * replaces it by the pixels. */
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
    double score; /* NAN: not found by a search */
    struct view_request request;
    struct view view;
    char *caption;    /* "Image 3: 1456x819 pixels; taken ..." */
    struct told told; /* in the caption */
    char *gone;       /* the sentence that replaces it; NULL: it is present */
};

struct pictures {
    struct picture *items;
    size_t count, cap;
    int last; /* the highest number assigned so far */
};

/* Adds a picture with the next number, or a restored one with its own number; takes ownership of
 * what *picture owns. */
struct picture *pictures_add(struct pictures *pictures, struct picture *picture);
const struct picture *pictures_find(const struct pictures *pictures, int number);
/* Removes the last pictures, so that `count` remain; their numbers are assigned again. */
void pictures_cut(struct pictures *pictures, size_t count);
void pictures_release(struct pictures *pictures);
void picture_release(struct picture *picture);

/* Returns the placeholder. */
json_t *picture_block(int number);
/* The number of a placeholder; 0: the block is not one. */
int picture_of_block(const json_t *block);
/* Whether such a placeholder occurs anywhere in messages or blocks. */
bool pictures_stand_in(const json_t *value, int number);
