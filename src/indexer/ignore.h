/* SPDX-License-Identifier: MIT */
/* The owner's exclusion patterns: lines as in .gitignore, from a folder's .keepsakeignore or from
 * --exclude.
 *
 *     private/          a folder of that name, wherever it lies
 *     *.png             files and folders, wherever they lie
 *     /2019/raw         from the folder of the .keepsakeignore on; so does a/b, with '/' inside
 *     a/ ** /b          (without the blanks) "**" stands for any folders, also none
 *     !keep.png         not left out after all; but nothing comes back from a folder left out
 *     # a remark
 *
 * '*' and '?' do not match '/'; [a-z], [!a-z] and \ are as in a shell; case counts. The last line
 * that matches decides, lines of a deeper folder after those of the ones above. In --exclude a
 * pattern that begins with '/' is an absolute path, any other one matches wherever it may. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct ignore_line {
    char *pattern; /* without what the flags say */
    size_t base;   /* bytes of the path of the folder that it counts from */
    bool negated, folders_only, anchored;
};

struct ignore_list {
    struct ignore_line *lines;
    size_t n, cap;
};

#define IGNORE_LIST_INIT \
    {                    \
        NULL, 0, 0       \
    }

/* Adds each line of `text` (of `size` bytes), from a file in the folder `base`. */
void ignore_add_text(struct ignore_list *list, const char *base, const char *text, size_t size);
/* Adds one pattern of --exclude. */
void ignore_add_pattern(struct ignore_list *list, const char *pattern);
/* Drops all but the first `n` lines. */
void ignore_truncate(struct ignore_list *list, size_t n);
/* Whether the owner leaves `path` out. It is absolute, and lies below the bases of all lines. */
bool ignore_matches(const struct ignore_list *list, const char *path, bool is_folder);
void ignore_release(struct ignore_list *list);
