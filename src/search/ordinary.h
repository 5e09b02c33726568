/* SPDX-License-Identifier: MIT */
/* Words that are names only where they are written so. Private to search/. */
#pragma once

#include <stdbool.h>

/* Whether the folded text is one English word of every day, such as "will", "rose" or "snow". */
bool ordinary_is_word(const char *folded);
