/* SPDX-License-Identifier: MIT */
/* The words that accompany a picture: the facts from the file and from the owner. They are
 * untrusted data, so all of them are quoted (JSON strings). */
#pragma once

#include "ask/pictures.h"
#include "ask/telling.h"
#include "store/store.h"

/* Makes captions such as "Image 2: 1092x728 pixels; taken 2019-07-04 18:30; at latitude 48.86,
 * longitude 2.29; camera "Canon EOS 5D"; the owner calls the person, animal or place at
 * [10,20,110,220] "Grandpa"". Boxes are in pixels of the picture as sent; labels outside the
 * visible part are left out. Needs number, photo and view of each of the n pictures; frees and
 * sets their captions, and sets `told` to the facts in them. */
int caption_make(struct store *store, enum telling telling, struct picture *pictures, size_t n,
                 struct error *err) MUST_CHECK;
