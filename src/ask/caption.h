/* SPDX-License-Identifier: MIT */
/* The words that go with a picture: what the file and the owner say about it. They are data from
 * outside, so all of them stand in quotation marks (JSON strings). */
#pragma once

#include "ask/pictures.h"
#include "ask/telling.h"
#include "store/store.h"

/* "Image 2: 1092x728 pixels; taken 2019-07-04 18:30; at latitude 48.86, longitude 2.29; camera
 * "Canon EOS 5D"; the owner calls the person, animal or place at [10,20,110,220] "Grandpa"".
 * Boxes are in pixels of the picture as sent; labels outside what it shows are left out.
 * Needs number, photo and view of each of the n pictures; fills their captions, which it frees
 * before, and what is told in them. */
int caption_make(struct store *store, enum telling telling, struct picture *pictures, size_t n,
                 struct error *err) MUST_CHECK;
