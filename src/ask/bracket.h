/* SPDX-License-Identifier: MIT */
/* A bracket that may refer to photos: [3], [1, 2], [1-3], [3: 120,40,480,300], and the forms
 * that models write in other languages and styles: 【1】, ［1］, [#1], [Photo 4], [图1], [第2张],
 * [1 and 2], [1†source], [^1], \[1\]; also (Photo 1) and （图1）, but not (1). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define BRACKET_ITEMS_MAX 64

struct bracket_item {
    int number;
    bool has_box;
    double box[4]; /* pixels */
};

struct bracket {
    struct bracket_item items[BRACKET_ITEMS_MAX];
    size_t count;
    bool is_worded;   /* it contains a word for photo or image */
    const char *note; /* words of the answer inside the bracket, such as "(left)"; points into it */
    size_t note_size;
};

/* Size in bytes of an opening bracket at the start of the text; 0: none. */
size_t bracket_opens(const char *text, size_t size);
/* Whether `text` [size], which begins with an opening bracket, may still become a reference when
 * more text arrives. */
bool bracket_may_go_on(const char *text, size_t size);
/* Whether the text, which begins with an opening bracket, ends with the matching closing
 * bracket. */
bool bracket_is_closed(const char *text, size_t size);
/* Parses `text`, which is NUL-terminated and runs from the opening to the closing bracket. */
bool bracket_read(const char *text, struct bracket *ret_bracket);
