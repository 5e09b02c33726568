/* SPDX-License-Identifier: MIT */
/* Recognises common words, which are names only in the spelling of a name. Private to search/. */
#pragma once

#include <stdbool.h>

/* Returns whether the folded text is one common English word, such as "will", "rose" or "snow". */
bool ordinary_is_word(const char *folded);
